package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.data.token.ContinuationTokenizer;
import io.dil.data.token.ContinuationTokenizer.Bos;
import io.dil.data.token.ContinuationTokenizer.Encoded;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Runs benchmarks on a model. */
public final class Evaluation {
  private final CausalLm model;
  private final ContinuationTokenizer tokenizer;
  private final EvaluationOptions options;
  private final int maxLength;
  private final BatchSize batch;

  /**
   * Makes an evaluation.
   *
   * @param maxLength the longest sequence that the model was made for, see {@link MaxLength}; the
   *     options may say otherwise
   */
  public Evaluation(
      CausalLm model, ContinuationTokenizer tokenizer, int maxLength, EvaluationOptions options) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.options = options;
    this.maxLength = options.maxLength() > 0 ? options.maxLength() : maxLength;
    batch = BatchSize.of(model, options.batchTokens());
    tokenizer.checkFits(model.vocabSize());
  }

  /**
   * Runs tasks.
   *
   * @param data where the rows lie: a folder or {@code hf://datasets/ORG/NAME}; null for every
   *     task's own place on the hub
   * @param out where answers are kept as they come, so that a stopped evaluation goes on; null for
   *     nowhere
   * @param settings what the answers depend on, for {@code out}
   * @return a result a task, in their order
   */
  public List<TaskResult> run(
      List<Task> tasks,
      @Nullable String data,
      @Nullable Path out,
      ObjectNode settings,
      EvaluationListener listener) {
    List<TaskResult> results = new ArrayList<>();
    try (RowStore store = out == null ? null : RowStore.open(out, settings)) {
      for (Task task : tasks) {
        TaskResult result = run(task, data, store, listener);
        results.add(result);
        listener.finished(result);
      }
    }
    return results;
  }

  /** Returns whether a task's sequences begin with a BOS. */
  public boolean addsBos(Task task) {
    return tokenizer(task).addsBos();
  }

  private ContinuationTokenizer tokenizer(Task task) {
    if (options.bos() != Bos.AUTO) {
      return tokenizer.with(options.bos());
    }
    return task.addBos()
        .map(wanted -> tokenizer.with(wanted ? Bos.TRUE : Bos.FALSE))
        .orElse(tokenizer);
  }

  private TaskResult run(
      Task task, @Nullable String data, @Nullable RowStore store, EvaluationListener listener) {
    ContinuationTokenizer own = tokenizer(task);
    Requests requests = Requests.of(task, data, options, own::chat);
    Map<Integer, RowResult> rows = new HashMap<>();
    Map<Integer, JsonNode> kept = store == null ? Map.of() : store.known(task);
    List<Integer> asked = requests.rows();
    int known = (int) asked.stream().filter(kept::containsKey).count();
    // Made one after the other as they are needed: contexts of a whole benchmark fill the memory.
    Iterable<Request> open =
        () ->
            StreamSupport.stream(requests.spliterator(), false)
                .filter(request -> !answered(task, request, store, kept, rows))
                .iterator();
    listener.started(task, asked.size(), known);
    Sink sink =
        (request, answer, cut) -> {
          RowResult result = RowResult.of(task, request, answer, cut);
          rows.put(request.row(), result);
          ObjectNode line = result.toJson(task, request, options.samples());
          if (store != null) {
            store.write(line);
          }
          listener.answered(task, line);
        };
    if (task.generation().isPresent()) {
      write(own, task.generation().get(), open, sink);
    } else {
      choose(own, open, sink);
    }
    List<RowResult> counted = new ArrayList<>();
    for (int row : asked) {
      RowResult result = rows.get(row);
      if (result != null) {
        counted.add(result);
      }
    }
    return TaskResult.of(task, counted);
  }

  /** Returns whether a row's answer is kept from before, and if so takes it. */
  private static boolean answered(
      Task task,
      Request request,
      @Nullable RowStore store,
      Map<Integer, JsonNode> kept,
      Map<Integer, RowResult> rows) {
    JsonNode line = kept.get(request.row());
    if (store == null || line == null) {
      return false;
    }
    rows.put(request.row(), store.result(task, request, line));
    return true;
  }

  /** Takes answers as they come. */
  private interface Sink {
    void take(Request request, Answer answer, boolean cut);
  }

  private void choose(ContinuationTokenizer own, Iterable<Request> requests, Sink sink) {
    Iterator<Request> all = requests.iterator();
    List<Request> first = new ArrayList<>();
    List<Encoded> firstEncoded = new ArrayList<>();
    while (first.size() < SharedPrefix.LOOKED_AT && all.hasNext()) {
      first.add(all.next());
      firstEncoded.add(encode(own, first.get(first.size() - 1)));
    }
    try (ChoiceScorer scorer =
        new ChoiceScorer(
            model,
            maxLength,
            SharedPrefix.of(firstEncoded.stream().map(Encoded::context).toList(), maxLength))) {
      Waiting waiting = new Waiting(scorer, sink);
      for (int i = 0; i < first.size(); i++) {
        waiting.add(first.get(i), firstEncoded.get(i));
      }
      while (all.hasNext()) {
        Request request = all.next();
        waiting.add(request, encode(own, request));
      }
      waiting.flush();
    }
  }

  /** Requests that are scored together as soon as they are enough. */
  private final class Waiting {
    private final ChoiceScorer scorer;
    private final Sink sink;
    private final List<Request> requests = new ArrayList<>();
    private final List<Encoded> encoded = new ArrayList<>();
    private long held;

    Waiting(ChoiceScorer scorer, Sink sink) {
      this.scorer = scorer;
      this.sink = sink;
    }

    void add(Request request, Encoded next) {
      long size = scorer.tokens(next);
      if (!requests.isEmpty() && held + size > batch.tokens()) {
        flush();
      }
      requests.add(request);
      encoded.add(next);
      held += size;
    }

    void flush() {
      if (!requests.isEmpty()) {
        List<List<Double>> scores = scorer.score(encoded);
        for (int i = 0; i < requests.size(); i++) {
          sink.take(requests.get(i), new Answer.Scores(scores.get(i)), scorer.cuts(encoded.get(i)));
        }
      }
      requests.clear();
      encoded.clear();
      held = 0;
    }
  }

  private static Encoded encode(ContinuationTokenizer own, Request request) {
    try {
      return own.encode(request.context(), request.continuations());
    } catch (InputException e) {
      throw new InputException(request.item().place() + ": " + e.getMessage(), e);
    }
  }

  private void write(
      ContinuationTokenizer own,
      Task.Generation generation,
      Iterable<Request> requests,
      Sink sink) {
    int most = options.maxNewTokens() > 0 ? options.maxNewTokens() : generation.maxNewTokens();
    int room = maxLength - most;
    if (room < 1) {
      throw new InputException(
          "new tokens must be fewer than the model's "
              + maxLength
              + " tokens, got "
              + most
              + "; set --max-new-tokens or --max-length");
    }
    List<Prompt> prompts = new ArrayList<>();
    for (Request request : requests) {
      Tokens whole = own.encode(request.context());
      boolean cut = whole.size() > room;
      Tokens kept = cut ? whole.slice(whole.size() - room, whole.size()) : whole;
      prompts.add(new Prompt(request, kept, cut));
    }
    List<Tokens> first =
        prompts.stream().limit(SharedPrefix.LOOKED_AT).map(Prompt::tokens).toList();
    Tokens shared = SharedPrefix.of(first, maxLength);
    // Long ones first, so that those at work together are of like length.
    prompts.sort(Comparator.comparingInt((Prompt prompt) -> prompt.tokens().size()).reversed());
    StopTexts stops = new StopTexts(own, generation.until());
    int[][] made = new int[prompts.size()][];
    int[] counts = new int[prompts.size()];
    new Generator(model, own.endIds())
        .generate(
            prompts.stream().map(Prompt::tokens).toList(),
            shared,
            GenerationOptions.greedy(most),
            batch.rows(prompts.isEmpty() ? 1 : prompts.get(0).tokens().size() + most),
            (index, id) -> {
              int[] ids = made[index];
              if (ids == null) {
                ids = new int[most];
                made[index] = ids;
              }
              ids[counts[index]++] = id;
              return !stops.reached(ids, counts[index]);
            },
            (index, tokens) -> {
              Prompt prompt = prompts.get(index);
              made[index] = new int[0];
              sink.take(
                  prompt.request(),
                  new Answer.Written(stops.before(own.decode(tokens))),
                  prompt.cut());
            });
  }

  private record Prompt(Request request, Tokens tokens, boolean cut) {}
}
