package io.dil.data.stream;

import io.dil.core.InputException;
import io.dil.data.Drop;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.token.ExampleTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tokenised examples of a configuration in order, in constant memory.
 *
 * <p>The order of an epoch depends on the seed and the epoch alone: not on the number of threads,
 * nor on where the stream was resumed. To resume is to pass over the rows of the epoch that lie
 * behind, undecoded, which takes as long as reading them does.
 *
 * <p>For one thread at a time; tokenising itself happens on others, ahead of it.
 */
public final class ExampleStream implements Iterator<TokenizedExample>, AutoCloseable {
  private final DataConfig config;
  private final DataShare share;
  private final DataFiles files;
  private final RowWork work;
  private final DropCounts drops;
  private @Nullable String hash;
  private int epoch;
  private long rows;
  private long examples;
  private long examplesThisEpoch;
  private boolean resumedInside;
  private @Nullable WorkAhead<RowWork.Outcome> ahead;
  private SeenKeys seen = new SeenKeys();
  private @Nullable TokenizedExample pending;
  private @Nullable Mark beforePending;
  private boolean finished;

  private ExampleStream(
      DataConfig config, ExampleTokenizer tokenizer, DataPosition position, DataShare share) {
    this.config = config;
    this.share = share;
    this.files = new DataFiles(config, share);
    this.hash = share.hash().isEmpty() ? null : share.hash();
    this.work = new RowWork(config, tokenizer);
    this.drops = new DropCounts(position.dropped());
    this.epoch = position.epoch();
    this.examples = position.examples();
  }

  /**
   * Opens a stream.
   *
   * @param config which rows, in what order
   * @param tokenizer the model's tokenizer
   * @param position where to go on; {@link DataPosition#start} for the beginning
   * @throws InputException if a file is missing, or if the files have changed since the position
   *     was taken
   */
  public static ExampleStream open(
      DataConfig config, ExampleTokenizer tokenizer, DataPosition position) {
    return open(config, tokenizer, position, DataShare.ALL);
  }

  /**
   * Opens a stream that several processes go through together; all get the same examples.
   *
   * @param share what this process works on
   * @throws InputException as {@link #open(DataConfig, ExampleTokenizer, DataPosition)}
   */
  public static ExampleStream open(
      DataConfig config, ExampleTokenizer tokenizer, DataPosition position, DataShare share) {
    ExampleStream stream = new ExampleStream(config, tokenizer, position, share);
    if (!position.equals(DataPosition.start())
        && !stream.contentHash().equals(position.contentHash())) {
      throw new InputException(
          "data must be the same as when the position was saved, got files with other contents");
    }
    try {
      stream.startEpoch(position.rows());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return stream;
  }

  private void startEpoch(long behind) throws IOException {
    Rows order = files.epoch(epoch);
    seen = new SeenKeys();
    if (share.isPart() && behind > 0 && config.filters().dedupe()) {
      // Their keys are known to those that read them, so they are worked on once more.
      ahead = ahead(order);
      for (long i = 0; i < behind; i++) {
        RowWork.Outcome outcome = ahead.next();
        if (outcome == null) {
          throw outside(behind, i);
        }
        if (outcome.key() != null) {
          seen.add(outcome.key());
        }
      }
      rows = behind;
      resumedInside = true;
      examplesThisEpoch = 0;
      return;
    }
    for (long i = 0; i < behind; i++) {
      Rows.FormattedRow row = order.next();
      if (row == null) {
        throw outside(behind, i);
      }
      ContentKey key = config.filters().dedupe() ? work.keyOf(row) : null;
      if (key != null) {
        seen.add(key);
      }
    }
    rows = behind;
    resumedInside = behind > 0;
    examplesThisEpoch = 0;
    ahead = ahead(order);
  }

  private WorkAhead<RowWork.Outcome> ahead(Rows order) {
    return share.isPart()
        ? new WorkAhead<>(
            order, work::outcome, config.threads(), batch -> ExchangedRows.exchange(batch, share))
        : new WorkAhead<>(order, work::outcome, config.threads());
  }

  private static InputException outside(long behind, long rows) {
    return new InputException(
        "position must lie within the epoch, got row " + behind + " of " + rows);
  }

  /**
   * Returns whether there is another example.
   *
   * @throws InputException if a row is malformed and such rows are not skipped, or if a whole epoch
   *     of an endless stream gave no example
   */
  @Override
  public boolean hasNext() {
    if (pending == null && !finished) {
      Mark here = mark();
      try {
        pending = advance();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      beforePending = pending == null ? null : here;
      finished = pending == null;
    }
    return pending != null;
  }

  @Override
  public TokenizedExample next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the stream has ended");
    }
    TokenizedExample example = Objects.requireNonNull(pending);
    pending = null;
    beforePending = null;
    examples++;
    return example;
  }

  private @Nullable TokenizedExample advance() throws IOException {
    while (ahead != null) {
      RowWork.Outcome outcome = ahead.next();
      if (outcome == null) {
        ahead.close();
        ahead = null;
        nextEpoch();
        continue;
      }
      rows++;
      if (outcome.error() != null) {
        throw outcome.error();
      }
      Tokenized result = Objects.requireNonNull(outcome.result());
      ContentKey key = outcome.key();
      if (key != null && !seen.add(key)) {
        result = Drop.DUPLICATE;
      }
      if (result instanceof TokenizedExample example) {
        examplesThisEpoch++;
        return example;
      }
      drops.add((Drop) result);
    }
    return null;
  }

  private void nextEpoch() throws IOException {
    boolean last = config.epochs() > 0 && epoch + 1 >= config.epochs();
    if (last) {
      return;
    }
    if (examplesThisEpoch == 0 && !resumedInside) {
      throw new InputException(
          "data must give at least one example an epoch, got none; dropped: " + drops);
    }
    epoch++;
    startEpoch(0);
  }

  /**
   * Returns the position after the example that {@link #next} returned last, however far the stream
   * has looked ahead.
   */
  public DataPosition position() {
    Mark at = beforePending != null ? beforePending : mark();
    return new DataPosition(contentHash(), at.epoch(), at.rows(), examples, at.dropped());
  }

  private Mark mark() {
    return new Mark(epoch, rows, drops.byReason());
  }

  private record Mark(int epoch, long rows, Map<String, Long> dropped) {}

  /**
   * Returns the rows that were dropped so far, by reason; with {@link #hasNext} false, all of them.
   */
  public DropCounts drops() {
    return drops;
  }

  /** Returns how many examples were handed out in all, those before a resumed position included. */
  public long examples() {
    return examples;
  }

  /** Returns the {@link #contentHash} of the data that a configuration names. */
  public static String contentHash(DataConfig config) {
    return new DataFiles(config).contentHash();
  }

  /** Returns a hash of the contents of all files, which does not depend on where they lie. */
  public String contentHash() {
    if (hash == null) {
      hash = files.contentHash();
    }
    return hash;
  }

  @Override
  public void close() {
    try {
      if (ahead != null) {
        ahead.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
