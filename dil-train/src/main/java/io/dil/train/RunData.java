package io.dil.train;

import io.dil.data.TokenizedExample;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.Decontamination;
import io.dil.data.stream.ExampleStream;
import io.dil.data.stream.Filters;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.ChatSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
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

  RunData(TrainingConfig config, ExampleTokenizer tokenizer) {
    this.config = config;
    this.tokenizer = tokenizer;
  }

  /** Opens epoch {@code position.epoch()}; the stream ends with it. */
  ExampleStream train(DataPosition position) {
    return ExampleStream.open(trainConfig().withEpochs(position.epoch() + 1), tokenizer, position);
  }

  /** Counts the examples that one epoch gives, which takes as long as tokenising them. */
  long count() {
    long examples = 0;
    try (ExampleStream stream = train(DataPosition.start())) {
      while (stream.hasNext()) {
        stream.next();
        examples++;
      }
    }
    return examples;
  }

  /** Returns the held-out examples in batches; empty where the settings name none. */
  Optional<Iterable<List<TokenizedExample>>> evaluation() {
    return evaluationConfig().map(data -> () -> new Batches(data, evaluationLimit()));
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
        .map(entry -> new DataConfig.Source(spec(entry.getKey()), entry.getValue()))
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
    names.forEach(name -> sources.add(new DataConfig.Source(spec(name), 1)));
    return DataConfig.of(sources)
        .withFilters(filters())
        .withOnBadRow(config.get(Settings.ON_BAD_ROW))
        .withThreads(config.get(Settings.WORKERS));
  }

  /** One pass over held-out examples; the stream closes with its end. */
  private final class Batches implements Iterator<List<TokenizedExample>> {
    private final ExampleStream stream;
    private final int size = config.get(Settings.EVAL_BATCH_SIZE);
    private long left;

    Batches(DataConfig data, long limit) {
      stream = ExampleStream.open(data, tokenizer, DataPosition.start());
      left = limit;
    }

    @Override
    public boolean hasNext() {
      boolean more = left > 0 && stream.hasNext();
      if (!more) {
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
      return batch;
    }
  }
}
