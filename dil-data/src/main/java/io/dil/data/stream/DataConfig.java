package io.dil.data.stream;

import io.dil.core.InputException;
import io.dil.data.source.DataSpec;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which rows a run sees and in what order.
 *
 * @param sources the data sets, each with its weight; at least one
 * @param seed what the shuffling depends on, together with the number of the epoch
 * @param shuffle whether rows are shuffled; without it they come in the order of the files
 * @param shuffleBuffer how many rows are held to be drawn from; a set with no more rows than this
 *     is shuffled completely
 * @param epochs how often the data is gone through; 0 for without end
 * @param skip how many rows of each data set are passed over at its beginning
 * @param take how many rows of each data set are used after those; {@link Long#MAX_VALUE} for all
 * @param split which side of the hold-out split is wanted
 * @param holdout the share of prompts that are held out, from 0 to below 1
 * @param filters which examples are left out
 * @param onBadRow what a malformed row does
 * @param threads how many threads tokenise ahead
 * @param margins whether pairs have the margins that a column of their rows gives
 */
public record DataConfig(
    List<Source> sources,
    long seed,
    boolean shuffle,
    int shuffleBuffer,
    int epochs,
    long skip,
    long take,
    Split split,
    double holdout,
    Filters filters,
    OnBadRow onBadRow,
    int threads,
    boolean margins) {
  /**
   * Rows to draw from when shuffling: about 30 MB of UltraFeedback, a quarter of its training
   * split.
   */
  public static final int DEFAULT_SHUFFLE_BUFFER = 16_384;

  /** The seed of TRL and transformers ({@code TrainingArguments.seed}). */
  public static final long DEFAULT_SEED = 42;

  /**
   * A data set of a mix.
   *
   * @param spec where it is
   * @param weight how many times its rows are seen in an epoch: 1 for once each, 0.25 for a quarter
   *     of them (another quarter each epoch), 2 for twice
   */
  public record Source(DataSpec spec, double weight) {
    /** Checks the weight. */
    public Source {
      if (!(weight > 0) || weight > 1000) {
        throw new InputException(
            "weight of a data set must be above 0 and at most 1000, got " + weight);
      }
    }
  }

  /** A side of the hold-out split; a prompt is always on the same side. */
  public enum Split {
    /** Everything, without regard to the split. */
    ALL,
    /** What is not held out. */
    TRAIN,
    /** What is held out. */
    EVAL
  }

  /** What a malformed row does. */
  public enum OnBadRow {
    /** It ends the run with an error that names the file and line. */
    FAIL,
    /** It is left out and counted. */
    SKIP
  }

  /** Checks the ranges. */
  public DataConfig {
    sources = List.copyOf(sources);
    if (sources.isEmpty()) {
      throw new InputException("data must name at least one data set, got none");
    }
    atLeast("shuffle_buffer", shuffleBuffer, 1);
    atLeast("num_train_epochs", epochs, 0);
    atLeast("skip", skip, 0);
    atLeast("take", take, 1);
    atLeast("threads", threads, 1);
    if (!(holdout >= 0 && holdout < 1)) {
      throw new InputException("holdout must be from 0 to below 1, got " + holdout);
    }
  }

  private static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new InputException(name + " must be at least " + least + ", got " + value);
    }
  }

  /** One data set, once through, in the order of its files, on every processor. */
  public static DataConfig of(DataSpec spec) {
    return of(List.of(new Source(spec, 1)));
  }

  /** Several data sets, once through, in the order of their files, on every processor. */
  public static DataConfig of(List<Source> sources) {
    return new DataConfig(
        sources,
        DEFAULT_SEED,
        false,
        DEFAULT_SHUFFLE_BUFFER,
        1,
        0,
        Long.MAX_VALUE,
        Split.ALL,
        0,
        Filters.NONE,
        OnBadRow.FAIL,
        Runtime.getRuntime().availableProcessors(),
        false);
  }

  /** Returns the same with the rows shuffled by a seed, differently in every epoch. */
  public DataConfig shuffled(long newSeed) {
    return changed(
        draft -> {
          draft.seed = newSeed;
          draft.shuffle = true;
        });
  }

  /** Returns the same with another number of rows to draw from when shuffling. */
  public DataConfig withShuffleBuffer(int rows) {
    return changed(draft -> draft.shuffleBuffer = rows);
  }

  /** Returns the same gone through that many times; 0 for without end. */
  public DataConfig withEpochs(int times) {
    return changed(draft -> draft.epochs = times);
  }

  /**
   * Returns the same with other rows of each data set: {@code count} of them after {@code first}.
   */
  public DataConfig withRows(long first, long count) {
    return changed(
        draft -> {
          draft.skip = first;
          draft.take = count;
        });
  }

  /** Returns the same with one side of a hold-out split of that share. */
  public DataConfig withSplit(Split side, double share) {
    return changed(
        draft -> {
          draft.split = side;
          draft.holdout = share;
        });
  }

  /** Returns the same with other filters. */
  public DataConfig withFilters(Filters wanted) {
    return changed(draft -> draft.filters = wanted);
  }

  /** Returns the same with another answer to malformed rows. */
  public DataConfig withOnBadRow(OnBadRow answer) {
    return changed(draft -> draft.onBadRow = answer);
  }

  /** Returns the same with another number of threads. */
  public DataConfig withThreads(int number) {
    return changed(draft -> draft.threads = number);
  }

  /** Returns the same with the margins of its pairs, or without. */
  public DataConfig withMargins(boolean wanted) {
    return changed(draft -> draft.margins = wanted);
  }

  private DataConfig changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** The fields that can be changed, so that a change names its own alone. */
  private static final class Draft {
    private final List<Source> sources;
    private long seed;
    private boolean shuffle;
    private int shuffleBuffer;
    private int epochs;
    private long skip;
    private long take;
    private Split split;
    private double holdout;
    private Filters filters;
    private OnBadRow onBadRow;
    private int threads;
    private boolean margins;

    Draft(DataConfig from) {
      sources = from.sources;
      seed = from.seed;
      shuffle = from.shuffle;
      shuffleBuffer = from.shuffleBuffer;
      epochs = from.epochs;
      skip = from.skip;
      take = from.take;
      split = from.split;
      holdout = from.holdout;
      filters = from.filters;
      onBadRow = from.onBadRow;
      threads = from.threads;
      margins = from.margins;
    }

    DataConfig build() {
      return new DataConfig(
          sources,
          seed,
          shuffle,
          shuffleBuffer,
          epochs,
          skip,
          take,
          split,
          holdout,
          filters,
          onBadRow,
          threads,
          margins);
    }
  }
}
