package io.dil.train;

import io.dil.core.InputException;
import io.dil.data.TokenizedExample;
import io.dil.data.source.DataFile;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.DataShare;
import io.dil.data.stream.Decontamination;
import io.dil.data.stream.ExampleStream;
import io.dil.data.stream.Filters;
import io.dil.data.stream.PromptStream;
import io.dil.data.stream.RowCount;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.ChatSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.rank.Cluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;

/** The data of a run: what its settings say about training and held-out examples, as streams. */
final class RunData {
  private final TrainingConfig config;
  private final ExampleTokenizer tokenizer;
  private final Stopping stop;
  private final boolean margins;
  private DataShare share = DataShare.ALL;
  private String hash = "";
  // Looked for once a run: a hub may be away, and a folder hold more, when the next epoch begins.
  private final Map<String, DataSpec> located = new HashMap<>();

  /**
   * Opens nothing yet.
   *
   * @param margins whether the margins that rows ask for are read
   */
  RunData(TrainingConfig config, ExampleTokenizer tokenizer, Stopping stop, boolean margins) {
    this.margins = margins;
    this.config = config;
    this.tokenizer = tokenizer;
    this.stop = stop;
  }

  /**
   * Divides the rows among processes, all of which go through every stream together from now on.
   */
  void divide(Cluster cluster) {
    if (cluster.isShared()) {
      share = cluster.dataShare(cluster.ofLeader(cluster.leads() ? contentHash() : ""));
    }
  }

  /**
   * What an epoch gives.
   *
   * @param examples how many can be used
   * @param beyondContext how many of them are longer than the model's context
   * @param dropped the rows that cannot, by reason
   */
  record Count(long examples, long beyondContext, Map<String, Long> dropped) {}

  /** Opens epoch {@code position.epoch()}; the stream ends with it. */
  ExampleStream train(DataPosition position) {
    return ExampleStream.open(
        trainConfig().withEpochs(position.epoch() + 1), tokenizer, position, share);
  }

  /**
   * Counts the examples that one epoch gives, which takes as long as tokenising them.
   *
   * @param context the longest sequence that the model was made for
   */
  Count count(int context) {
    long examples = 0;
    long beyond = 0;
    try (ExampleStream stream = train(DataPosition.start())) {
      while (stream.hasNext()) {
        stop.check();
        beyond += stream.next().maxLength() > context ? 1 : 0;
        examples++;
      }
      return new Count(examples, beyond, stream.drops().byReason());
    }
  }

  /** Opens the prompts, which come epoch after epoch without end. */
  PromptStream prompts(DataPosition position) {
    return PromptStream.open(trainConfig().withEpochs(0), tokenizer, position);
  }

  /** Counts the prompts of one epoch, which takes as long as reading them. */
  Count countPrompts() {
    try (PromptStream stream =
        PromptStream.open(trainConfig().withEpochs(1), tokenizer, DataPosition.start())) {
      while (stream.next().isPresent()) {
        stop.check();
      }
      return new Count(stream.position().examples(), 0, stream.position().dropped());
    }
  }

  static InputException noExample(String rule, Map<String, Long> dropped) {
    return new InputException(rule + ", got none; dropped: " + dropped);
  }

  /** Counts the rows of one epoch, which takes as long as reading them. */
  long rows() {
    return RowCount.of(trainConfig(), stop::check);
  }

  /** Returns the held-out examples in batches; empty where the settings name none. */
  Optional<HeldOut> evaluation() {
    return evaluationConfig().map(HeldOut::new);
  }

  /** Hands every batch of the first epoch, and of the held-out examples, to {@code scorer}. */
  void scored(Consumer<List<TokenizedExample>> scorer) {
    int size = config.get(Settings.BATCH_SIZE);
    try (ExampleStream stream = train(DataPosition.start())) {
      while (stream.hasNext()) {
        List<TokenizedExample> batch = new ArrayList<>();
        while (batch.size() < size && stream.hasNext()) {
          batch.add(stream.next());
        }
        stop.check();
        scorer.accept(batch);
      }
    }
    evaluation().ifPresent(batches -> batches.forEach(scorer));
  }

  /** Returns the first few held-out examples, or training examples where there are none. */
  List<TokenizedExample> samples(int count) {
    List<TokenizedExample> samples = new ArrayList<>();
    DataConfig data =
        evaluationConfig().orElseGet(() -> plain(config.get(Settings.DATASET), weights()));
    try (ExampleStream stream = ExampleStream.open(data, tokenizer, DataPosition.start())) {
      while (samples.size() < count && stream.hasNext()) {
        samples.add(stream.next());
      }
    }
    return samples;
  }

  private long evaluationLimit() {
    int limit = config.get(Settings.MAX_EVAL_SAMPLES);
    return limit == 0 ? Long.MAX_VALUE : limit;
  }

  private DataConfig trainConfig() {
    DataConfig data =
        plain(config.get(Settings.DATASET), weights())
            .shuffled(config.get(Settings.SEED))
            .withShuffleBuffer(config.get(Settings.SHUFFLE_BUFFER));
    int most = config.get(Settings.MAX_TRAIN_SAMPLES);
    data =
        data.withRows(config.get(Settings.SKIP_TRAIN_SAMPLES), most == 0 ? Long.MAX_VALUE : most);
    double holdout = config.get(Settings.EVAL_HOLDOUT);
    return holdout > 0 ? data.withSplit(DataConfig.Split.TRAIN, holdout) : data;
  }

  private Optional<DataConfig> evaluationConfig() {
    if (!config.get(Settings.EVAL_DATASET).isEmpty()) {
      return Optional.of(plain(config.get(Settings.EVAL_DATASET), List.of()));
    }
    double holdout = config.get(Settings.EVAL_HOLDOUT);
    return holdout == 0
        ? Optional.empty()
        : Optional.of(
            plain(config.get(Settings.DATASET), weights())
                .withSplit(DataConfig.Split.EVAL, holdout));
  }

  private List<DataConfig.Source> weights() {
    return config.get(Settings.DATASET_MIXER).entrySet().stream()
        .map(entry -> new DataConfig.Source(located(entry.getKey()), entry.getValue()))
        .toList();
  }

  private DataSpec located(String name) {
    return located.computeIfAbsent(name, each -> spec(each).located());
  }

  /** Returns a hash of the contents of the training data, as {@link DataPosition} has it. */
  String contentHash() {
    if (hash.isEmpty()) {
      hash = ExampleStream.contentHash(trainConfig());
    }
    return hash;
  }

  /** Returns the sizes in bytes of the training data's files, in order. */
  String sizes() {
    List<Long> sizes = new ArrayList<>();
    for (DataConfig.Source source : trainConfig().sources()) {
      if (!source.spec().isJava()) {
        source.spec().files().forEach(file -> sizes.add(file.size()));
      }
    }
    return sizes.toString();
  }

  /** Returns the files of the held-out data that the settings name. */
  List<Path> heldOutFiles() {
    return config.get(Settings.EVAL_DATASET).stream()
        .flatMap(name -> located(name).files().stream())
        .map(DataFile::path)
        .toList();
  }

  private DataSpec spec(String name) {
    Map<String, String> columns = new LinkedHashMap<>();
    config
        .get(ChatSettings.DATASET_COLUMNS)
        .forEach((column, path) -> columns.put(column, String.valueOf(path)));
    return DataSpec.parse(name).with(columns);
  }

  private Filters filters() {
    int most = config.get(Settings.MAX_TOKENS);
    List<Path> lists = config.get(Settings.DECONTAMINATE).stream().map(Path::of).toList();
    return new Filters(
        config.get(Settings.MIN_TOKENS),
        most == 0 ? Integer.MAX_VALUE : most,
        config.get(Settings.DEDUPE),
        lists.isEmpty() ? Optional.empty() : Optional.of(Decontamination.read(lists)));
  }

  private DataConfig plain(List<String> names, List<DataConfig.Source> weighted) {
    List<DataConfig.Source> sources = new ArrayList<>(weighted);
    names.forEach(name -> sources.add(new DataConfig.Source(located(name), 1)));
    return DataConfig.of(sources)
        .withFilters(filters())
        .withMargins(margins)
        .withOnBadRow(config.get(Settings.ON_BAD_ROW))
        .withThreads(config.get(Settings.WORKERS));
  }

  /** Held-out examples in batches, and what became of their rows. */
  final class HeldOut implements Iterable<List<TokenizedExample>> {
    private final DataConfig data;
    private long examples;
    private Map<String, Long> dropped = Map.of();

    private HeldOut(DataConfig data) {
      this.data = data;
    }

    @Override
    public Iterator<List<TokenizedExample>> iterator() {
      examples = 0;
      return new Batches(this, evaluationLimit());
    }

    /** Returns how many examples were handed out. */
    long examples() {
      return examples;
    }

    /** Returns the rows that were dropped, by reason. */
    Map<String, Long> dropped() {
      return dropped;
    }
  }

  /** One pass over held-out examples; the stream closes with its end. */
  private final class Batches implements Iterator<List<TokenizedExample>> {
    private final ExampleStream stream;
    private final HeldOut heldOut;
    private final int size = config.get(Settings.EVAL_BATCH_SIZE);
    private long left;

    Batches(HeldOut heldOut, long limit) {
      stream =
          ExampleStream.open(heldOut.data, tokenizer, DataPosition.start(), share.ofOtherData());
      this.heldOut = heldOut;
      left = limit;
    }

    @Override
    public boolean hasNext() {
      if (stop.isAsked()) {
        stream.close();
      }
      stop.check();
      boolean more = left > 0 && stream.hasNext();
      if (!more) {
        heldOut.dropped = stream.drops().byReason();
        stream.close();
      }
      return more;
    }

    @Override
    public List<TokenizedExample> next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the held-out examples have ended");
      }
      List<TokenizedExample> batch = new ArrayList<>();
      while (batch.size() < size && left > 0 && stream.hasNext()) {
        batch.add(stream.next());
        left--;
      }
      heldOut.examples += batch.size();
      return batch;
    }
  }
}
