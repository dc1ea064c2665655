package io.dil.train.judge;

import io.dil.data.Turn;
import io.dil.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Has pairs judged: what is known is not asked again, and what is answered is kept at once. */
public final class Judge {
  private static final double MILLION = 1e6;

  private final JudgeOptions options;
  private double spent;

  /** Makes a judge. */
  public Judge(JudgeOptions options) {
    this.options = options;
  }

  /**
   * What asking would cost.
   *
   * @param questions how many are open
   * @param known how many are answered
   * @param promptTokens about how many tokens the judge would read
   * @param price about what it would cost, the longest answers assumed; 0 without prices
   */
  public record Estimate(int questions, int known, long promptTokens, double price) {}

  /** Returns what judging pairs would cost, without asking. */
  public Estimate estimate(List<Comparison> pairs, Path out) {
    int open = 0;
    int known = 0;
    long tokens = 0;
    double price = 0;
    try (Judgements store = Judgements.open(out)) {
      for (Comparison pair : pairs) {
        for (Question question : Question.of(pair, options)) {
          if (store.find(question.key()).isPresent()) {
            known++;
          } else {
            open++;
            tokens += question.tokens();
            price += price(question);
          }
        }
      }
    }
    return new Estimate(open, known, tokens, price);
  }

  private double price(Question question) {
    return price(question.tokens(), options.replyTokens());
  }

  private double price(long read, long written) {
    return (read * options.priceIn() + written * options.priceOut()) / MILLION;
  }

  /**
   * Judges pairs.
   *
   * @param out where verdicts are kept
   * @param step called after every verdict that was not known, by one thread or another
   * @throws TrainingException if the judge cannot be asked any more, or the costs' bound is
   *     reached; what was answered is kept
   */
  public JudgeResult run(List<Comparison> pairs, Endpoint endpoint, Path out, Runnable step) {
    Map<Comparison, List<Question>> all = new LinkedHashMap<>();
    List<Question> open = new ArrayList<>();
    try (Judgements store = Judgements.open(out)) {
      for (Comparison pair : pairs) {
        List<Question> questions = Question.of(pair, options);
        all.put(pair, questions);
        for (Question question : questions) {
          if (store.find(question.key()).isEmpty()) {
            open.add(question);
          }
        }
      }
      ask(open, endpoint, store, step);
      Map<Comparison, List<Judgement>> verdicts = new LinkedHashMap<>();
      all.forEach(
          (pair, questions) ->
              verdicts.put(
                  pair,
                  questions.stream().map(one -> store.find(one.key()).orElseThrow()).toList()));
      return JudgeResult.of(verdicts, options.prompt());
    }
  }

  private void ask(List<Question> open, Endpoint endpoint, Judgements store, Runnable step) {
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    ExecutorService workers = Executors.newFixedThreadPool(options.concurrency());
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < open.size(); i += endpoint.batch()) {
      List<Question> some = open.subList(i, Math.min(open.size(), i + endpoint.batch()));
      running.add(
          workers.submit(
              () -> {
                try {
                  if (failure.get() == null) {
                    ask(some, endpoint, store, step, failure);
                  }
                } catch (RuntimeException e) {
                  failure.compareAndSet(null, e);
                }
              }));
    }
    workers.shutdown();
    try {
      for (Future<?> one : running) {
        one.get();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
      throw new TrainingException("judging was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private void ask(
      List<Question> some,
      Endpoint endpoint,
      Judgements store,
      Runnable step,
      AtomicReference<@Nullable RuntimeException> failure) {
    double reserved = some.stream().mapToDouble(this::price).sum();
    reserve(reserved);
    List<List<Turn>> conversations = some.stream().map(Question::messages).toList();
    List<Endpoint.Reply> replies = endpoint.ask(conversations);
    for (int i = 0; i < some.size(); i++) {
      Question question = some.get(i);
      Endpoint.Reply reply = replies.get(i);
      OptionalInt verdict = options.prompt().read(reply.text());
      String winner =
          verdict.isEmpty()
              ? Judgement.INVALID
              : (verdict.getAsInt() == 0) != question.swapped() ? Judgement.A : Judgement.B;
      store.add(
          new Judgement(
              question.key(),
              question.comparison().id(),
              question.swapped(),
              winner,
              question.text(),
              reply));
      if (reply.promptTokens() > 0) {
        reserve(price(reply.promptTokens(), reply.replyTokens()) - price(question), false);
      }
      if (failure.get() == null) {
        step.run();
      }
    }
  }

  private void reserve(double price) {
    reserve(price, true);
  }

  private synchronized void reserve(double price, boolean bounded) {
    if (bounded && options.maxCost() > 0 && spent + price > options.maxCost()) {
      throw new TrainingException(
          "cost must stay below %.2f, %.2f of which is spent or on its way; a larger --max-cost goes on where this command stopped"
              .formatted(options.maxCost(), spent));
    }
    spent += price;
  }
}
