package io.dil.data.stream;

import io.dil.core.InputException;
import io.dil.data.Drop;
import io.dil.data.Example;
import io.dil.data.Parsed;
import io.dil.data.token.ExampleTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * The prompts of a configuration in order, epoch after epoch, in constant memory: the rows of
 * {@link ExampleStream}, in its order, whatever their responses are. A position is one of that
 * stream, with prompts in place of examples.
 *
 * <p>Of {@link Filters}, {@code dedupe} drops prompts that came before in the epoch; those of
 * lengths, which are examples' lengths, are not looked at.
 */
public final class PromptStream implements AutoCloseable {
  private final DataConfig config;
  private final DataFiles files;
  private final RowWork work;
  private DropCounts drops = new DropCounts();
  private final String hash;
  private Rows order;
  private SeenKeys seen = new SeenKeys();
  private int epoch;
  private long rows;
  private long prompts;
  private boolean any;

  private PromptStream(DataConfig config, ExampleTokenizer tokenizer, DataPosition position)
      throws IOException {
    this.config = config;
    files = new DataFiles(config);
    work = new RowWork(config, tokenizer);
    hash = files.contentHash();
    if (!position.equals(DataPosition.start()) && !hash.equals(position.contentHash())) {
      throw new InputException(
          "data must be the same as when the position was saved, got files with other contents");
    }
    epoch = position.epoch();
    prompts = position.examples();
    order = files.epoch(epoch);
    for (; rows < position.rows(); rows++) {
      Rows.FormattedRow row = order.next();
      if (row == null) {
        throw new InputException(
            "position must lie within the epoch, got row " + position.rows() + " of " + rows);
      }
      if (config.filters().dedupe()) {
        read(row);
      }
    }
    // The position has counted what was dropped before it.
    drops = new DropCounts(position.dropped());
    // Some row before it may have had a prompt.
    any = rows > 0;
  }

  /**
   * Opens a stream.
   *
   * @param config which rows, in what order, and how often; 0 epochs for without end
   * @param tokenizer the model's
   * @param position where to go on; {@link DataPosition#start} for the beginning
   * @throws InputException if a file is missing, or if the files have changed since the position
   *     was taken
   */
  public static PromptStream open(
      DataConfig config, ExampleTokenizer tokenizer, DataPosition position) {
    try {
      return new PromptStream(config, tokenizer, position);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the next row that has a prompt; nothing after the last epoch.
   *
   * @throws InputException if a row is malformed and such rows are not skipped, or if a whole epoch
   *     gave no prompt
   */
  public Optional<Example> next() {
    try {
      while (true) {
        Rows.FormattedRow row = order.next();
        if (row == null) {
          if (!any) {
            throw new InputException(
                "data must give at least one prompt an epoch, got none; dropped: " + drops);
          }
          if (config.epochs() > 0 && epoch + 1 >= config.epochs()) {
            return Optional.empty();
          }
          order.close();
          epoch++;
          rows = 0;
          any = false;
          seen = new SeenKeys();
          order = files.epoch(epoch);
          continue;
        }
        rows++;
        if (read(row) instanceof Example example) {
          any = true;
          prompts++;
          return Optional.of(example);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a row's example, or why its prompt is not used, which is counted. */
  private Parsed read(Rows.FormattedRow row) {
    Parsed parsed;
    try {
      parsed = work.read(row);
    } catch (InputException e) {
      if (config.onBadRow() == DataConfig.OnBadRow.FAIL) {
        throw e;
      }
      parsed = Drop.BAD_ROW;
    }
    if (parsed instanceof Example example) {
      boolean blank = example.prompt().asText().isBlank();
      boolean again = config.filters().dedupe() && !seen.add(ContentKey.ofPrompt(example));
      parsed = blank ? Drop.EMPTY_PROMPT : again ? Drop.DUPLICATE : example;
    }
    if (parsed instanceof Drop drop) {
      drops.add(drop);
    }
    return parsed;
  }

  /** Returns the position after the prompt that {@link #next} returned last. */
  public DataPosition position() {
    return new DataPosition(hash, epoch, rows, prompts, drops.byReason());
  }

  @Override
  public void close() {
    try {
      order.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
