package io.dil.train;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.data.Demonstration;
import io.dil.data.Drop;
import io.dil.data.Example;
import io.dil.data.Prompt;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.token.ContinuationTokenizer;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.eval.Evaluation;
import io.dil.train.eval.EvaluationListener;
import io.dil.train.eval.EvaluationOptions;
import io.dil.train.eval.MaxLength;
import io.dil.train.eval.TaskResult;
import io.dil.train.eval.Tasks;
import io.dil.train.sample.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model and its tokenizer, to write, score and be evaluated with:
 *
 * <pre>{@code
 * try (LanguageModel model = LanguageModel.open("runs/dil")) {
 *   String answer = model.generate("Name a prime.", GenerationOptions.greedy(32));
 *   List<Scored> scores = model.score(pairs);
 *   List<TaskResult> results = model.evaluate(List.of("arc"), EvaluationOptions.DEFAULT, null);
 * }
 * }</pre>
 *
 * <p>For one thread at a time. Its arrays lie outside the Java heap until it is closed.
 */
public final class LanguageModel implements AutoCloseable {
  /** Sequences that are written at once: enough to keep a device busy with decoding. */
  private static final int SEQUENCES = 16;

  private final ModelPlace place;
  private final LoadedModel loaded;
  private final ExampleTokenizer tokenizer;

  private LanguageModel(ModelPlace place, LoadedModel loaded, ExampleTokenizer tokenizer) {
    this.place = place;
    this.loaded = loaded;
    this.tokenizer = tokenizer;
  }

  /** Opens a model with {@link ModelOptions#DEFAULT}. */
  public static LanguageModel open(String name) {
    return open(name, ModelOptions.DEFAULT);
  }

  /**
   * Opens a model.
   *
   * @param name a model's folder, an adapter's that names its model, or {@code hf://ORG/NAME}
   * @throws InputException if it cannot be had, is malformed, or is a reward model
   */
  public static LanguageModel open(String name, ModelOptions options) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(options, "options");
    ModelPlace place = new ModelPlace(name, options.adapter());
    StoredModel stored = StoredModel.open(place.base(), options.trusted()).requireText();
    ExampleTokenizer tokenizer = ExampleTokenizer.load(place.tokenizer(), Truncation.NONE);
    Device device = Devices.of(options.device());
    Precision precision = options.bf16() ? Precision.BFLOAT16 : Precision.FLOAT32;
    LoadedModel loaded = LoadedModel.load(stored, place.adapter(), device, precision, true);
    try {
      tokenizer.checkFits(loaded.model().vocabSize());
      return new LanguageModel(place, loaded, tokenizer);
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** Returns the model itself. */
  public CausalLm model() {
    return loaded.model();
  }

  /** Returns its tokenizer, which cuts nothing. */
  public ExampleTokenizer tokenizer() {
    return tokenizer;
  }

  /** Continues a text, and returns what was written. */
  public String generate(String prompt, GenerationOptions options) {
    Objects.requireNonNull(prompt, "prompt");
    return generate(List.of(new Prompt.Plain(prompt)), options).get(0);
  }

  /**
   * Answers prompts, several at once. What is drawn for a prompt depends on the seed and its number
   * alone.
   *
   * @param prompts texts, or conversations, which the model's chat template renders
   * @return the answers, in the prompts' order
   */
  public List<String> generate(List<? extends Prompt> prompts, GenerationOptions options) {
    Objects.requireNonNull(options, "options");
    List<Example> asked = new ArrayList<>();
    for (Prompt prompt : Objects.requireNonNull(prompts, "prompts")) {
      asked.add(new Demonstration(String.valueOf(asked.size()), prompt, ""));
    }
    String[] answers = new String[asked.size()];
    new Sampling(loaded.model(), tokenizer, options, List.of(), 1, Integer.MAX_VALUE)
        .run(
            asked, 0, SEQUENCES, (number, written) -> answers[number] = written.responses().get(0));
    return List.of(answers);
  }

  /**
   * Scores the responses of examples, each sequence by itself, as other tools do.
   *
   * @return the scores, in the examples' order
   * @throws InputException if an example has nothing to score
   */
  public List<Scored> score(Iterable<? extends Example> examples) {
    ComputeOptions options =
        ComputeOptions.on(loaded.model().manager().getDevice()).withSharing(PromptSharing.NEVER);
    List<Scored> scores = new ArrayList<>();
    for (Example example : Objects.requireNonNull(examples, "examples")) {
      Tokenized result = tokenizer.tokenize(example);
      if (!(result instanceof TokenizedExample tokens)) {
        throw new InputException(
            example.id() + ": must have a response to score, got " + ((Drop) result).reason());
      }
      List<Double> logProbs = new ArrayList<>();
      for (double score : loaded.model().score(List.of(tokens.tokens()), options)) {
        logProbs.add(score);
      }
      scores.add(
          new Scored(
              example.id(),
              logProbs,
              tokens.tokens().responses().stream().map(Tokens::size).toList()));
    }
    return scores;
  }

  /**
   * Runs benchmarks as the lm-evaluation-harness counts them.
   *
   * @param tasks names, as {@code dil eval --tasks} takes them
   * @param data where the rows lie: a folder or {@code hf://datasets/ORG/NAME}; null for every
   *     task's own place on the hub
   * @return a result a task, in their order
   */
  public List<TaskResult> evaluate(
      List<String> tasks, EvaluationOptions options, @Nullable String data) {
    Objects.requireNonNull(tasks, "tasks");
    Objects.requireNonNull(options, "options");
    return new Evaluation(
            loaded.model(),
            ContinuationTokenizer.load(place.tokenizer(), options.bos(), Optional.empty()),
            MaxLength.of(place.base()).used(),
            options)
        .run(
            Tasks.of(tasks),
            data,
            null,
            new ObjectMapper().createObjectNode(),
            EvaluationListener.NONE);
  }

  @Override
  public void close() {
    loaded.close();
  }
}
