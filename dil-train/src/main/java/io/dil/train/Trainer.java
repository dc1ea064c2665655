package io.dil.train;

import io.dil.core.TokenGroup;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.Dropout;
import io.dil.core.model.Pass;
import io.dil.core.model.TokenStatistics;
import io.dil.data.TokenizedExample;
import io.dil.train.PassResults.Both;
import io.dil.train.PassResults.Scored;
import io.dil.train.objective.BatchLoss;
import io.dil.train.objective.Objective;
import io.dil.train.objective.Scores;
import io.dil.train.optim.Optimizer;
import io.dil.train.rank.Ranks;
import io.dil.train.rank.Replica;
import io.dil.train.reference.ReferenceScores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One optimiser step: scores, loss, gradient, update.
 *
 * <p>The loss sees nothing but the scores of responses, log-probabilities or the rewards of a
 * reward model, so its gradient with respect to them is known before a backward pass begins, and is
 * pushed back one pass at a time. Any accumulation gives the gradient of the large batch. Where one
 * example's loss depends on the others', the whole step is scored first.
 */
public final class Trainer {
  private final Ranks ranks;
  private final List<Replica> replicas;
  private final Objective objective;
  private final Options options;

  /**
   * What does not change from step to step.
   *
   * @param passes how much is computed at once
   * @param maxGradNorm the global norm that gradients are clipped to; 0 for never
   * @param compute how passes are computed
   * @param seed of what an adapter with dropout drops
   */
  public record Options(PassSize passes, double maxGradNorm, ComputeOptions compute, long seed) {}

  /**
   * Makes a trainer on one device.
   *
   * @param policy the model that is trained
   * @param reference the reference's scores; null for a loss that needs none
   */
  public Trainer(
      CausalLm policy,
      @Nullable ReferenceScores reference,
      Objective objective,
      Optimizer optimizer,
      Options options) {
    this(
        Ranks.alone(policy.manager().getDevice()),
        List.of(new Replica(policy, reference, optimizer)),
        objective,
        options);
  }

  /**
   * Makes a trainer on several devices, which compute the passes of a step at the same time.
   *
   * @param replicas what each rank trains with, in order
   */
  public Trainer(Ranks ranks, List<Replica> replicas, Objective objective, Options options) {
    for (Replica replica : replicas) {
      if (replica.reference() == null && objective.loss().needsReference()) {
        throw new IllegalArgumentException("this loss needs reference scores, got none");
      }
    }
    this.ranks = ranks;
    this.replicas = List.copyOf(replicas);
    this.objective = objective;
    this.options = options;
  }

  /**
   * Takes one step on {@code examples} and returns its metrics; the loss is that before the step.
   *
   * @throws TrainingException if a number is not finite; the message names the row, and no weight
   *     has changed
   * @throws io.dil.train.rank.RankFailedException if the engine fails on a device
   */
  public Map<String, Double> step(List<TokenizedExample> examples, double learningRate) {
    StepMetrics metrics = new StepMetrics(objective.loss().takesRewards());
    List<List<TokenizedExample>> batches = cut(examples);
    int[] starts = starts(batches);
    if (objective.coupled()) {
      coupledGradients(examples, batches, starts, metrics);
    } else {
      separateGradients(batches, starts, examples.size(), metrics);
    }
    double norm = update(examples, learningRate);
    Map<String, Double> means = metrics.means("");
    means.put("grad_norm", norm);
    means.put("learning_rate", replicas.get(0).optimizer().rate(learningRate));
    means.put("num_tokens", (double) metrics.tokens());
    return means;
  }

  /** Returns the passes of a step; on several devices as many at least, where examples allow. */
  private List<List<TokenizedExample>> cut(List<TokenizedExample> examples) {
    PassSize passes = options.passes();
    int share = (examples.size() + ranks.size() - 1) / ranks.size();
    return new PassSize(Math.min(passes.examples(), Math.max(1, share)), passes.tokens())
        .cut(examples, objective::group);
  }

  private static int[] starts(List<List<TokenizedExample>> batches) {
    int[] starts = new int[batches.size()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + batches.get(i - 1).size();
    }
    return starts;
  }

  private double update(List<TokenizedExample> examples, double learningRate) {
    return ranks
        .each(
            rank -> {
              Replica replica = replicas.get(rank);
              double norm = replica.optimizer().gradientNorm();
              if (!Double.isFinite(norm)) {
                throw new TrainingException(
                    "gradient is not finite, got norm "
                        + norm
                        + " in the step over rows "
                        + examples.stream().map(TokenizedExample::id).toList());
              }
              if (options.maxGradNorm() > 0) {
                replica.optimizer().clip(norm, options.maxGradNorm());
              }
              replica.optimizer().step(learningRate);
              replica.policy().refresh();
              return norm;
            })
        .get(0);
  }

  /** Returns how the micro-batch that begins at an example of the step is computed. */
  private ComputeOptions training(int example) {
    long steps = replicas.get(0).optimizer().steps();
    return options.compute().withDropout(new Dropout(options.seed(), steps, example));
  }

  private void separateGradients(
      List<List<TokenizedExample>> batches, int[] starts, int total, StepMetrics metrics) {
    List<Scored> scored =
        ranks.map(
            batches,
            (rank, i, batch) -> {
              Replica replica = replicas.get(rank);
              List<TokenGroup> groups = groups(batch);
              double[] frozen = replica.referenceScores(groups);
              try (Pass pass = replica.policy().forward(groups, training(starts[i]))) {
                double[] scores = pass.scores();
                List<TokenStatistics> statistics = statistics(pass);
                BatchLoss loss =
                    evaluate(
                        batch, Scores.of(scores, orSame(frozen, scores), alignments(pass)), frozen);
                pass.backward(scaled(loss.gradient(), total));
                return new Scored(scores, frozen, loss, statistics);
              }
            },
            rank -> replicas.get(rank).accompany(true),
            PassResults.SCORED);
    for (int i = 0; i < batches.size(); i++) {
      Scored one = scored.get(i);
      metrics.add(batches.get(i), one.loss(), one.policy(), one.reference());
      metrics.add(batches.get(i), one.statistics());
    }
  }

  private void coupledGradients(
      List<TokenizedExample> examples,
      List<List<TokenizedExample>> batches,
      int[] starts,
      StepMetrics metrics) {
    List<List<TokenGroup>> groups = batches.stream().map(this::groups).toList();
    // What is dropped here is dropped again below, so that the gradient is of this very loss.
    Both both = score(groups, i -> training(starts[i]));
    BatchLoss result = evaluateCoupled(examples, both);
    double[] gradient = scaled(result.gradient(), examples.size());
    int[] responses = new int[batches.size() + 1];
    for (int i = 0; i < batches.size(); i++) {
      responses[i + 1] = responses[i] + groups.get(i).stream().mapToInt(Trainer::responses).sum();
    }
    List<List<TokenStatistics>> statistics =
        ranks.map(
            groups,
            (rank, i, group) -> {
              try (Pass pass = replicas.get(rank).policy().forward(group, training(starts[i]))) {
                pass.backward(Arrays.copyOfRange(gradient, responses[i], responses[i + 1]));
                return statistics(pass);
              }
            },
            rank -> replicas.get(rank).policy().accompany(true),
            PassResults.STATISTICS);
    for (int i = 0; i < batches.size(); i++) {
      metrics.add(batches.get(i), statistics.get(i));
    }
    metrics.add(examples, result, both.policy(), both.reference());
  }

  private List<TokenStatistics> statistics(Pass pass) {
    return options.compute().statistics() ? pass.statistics() : List.of();
  }

  private static int responses(TokenGroup group) {
    return group.responses().size();
  }

  /** Returns whether a step must have more than one example. */
  public boolean needsOthers() {
    return objective.needsOthers();
  }

  /**
   * Returns the mean metrics of held-out examples, under names that begin with {@code eval_}; none
   * of them depends on how the examples come in batches. A loss that couples examples is taken of
   * all of them at once, which are kept until then.
   */
  public Map<String, Double> evaluate(Iterable<List<TokenizedExample>> batches) {
    StepMetrics metrics = new StepMetrics(objective.loss().takesRewards());
    List<TokenizedExample> all = new ArrayList<>();
    List<Both> kept = new ArrayList<>();
    List<List<TokenizedExample>> round = new ArrayList<>();
    for (List<TokenizedExample> batch : batches) {
      round.add(batch);
      all.addAll(objective.coupled() ? batch : List.of());
      if (round.size() == ranks.size()) {
        evaluate(round, metrics, kept);
        round.clear();
      }
    }
    evaluate(round, metrics, kept);
    if (!all.isEmpty()) {
      Both both = joined(kept);
      metrics.add(all, both.statistics());
      metrics.add(all, evaluateCoupled(all, both), both.policy(), both.reference());
    }
    return metrics.means("eval_");
  }

  private void evaluate(List<List<TokenizedExample>> round, StepMetrics metrics, List<Both> kept) {
    List<Both> scored =
        scoreEach(round.stream().map(this::groups).toList(), i -> options.compute());
    if (objective.coupled()) {
      kept.addAll(scored);
      return;
    }
    for (int i = 0; i < round.size(); i++) {
      List<TokenizedExample> batch = round.get(i);
      Both both = scored.get(i);
      metrics.add(batch, evaluateCoupled(batch, both), both.policy(), both.reference());
      metrics.add(batch, both.statistics());
    }
  }

  /**
   * Checks, before the first step, that policy and reference agree and that the loss is the
   * constant that it must then be.
   *
   * @throws TrainingException that says what does not hold
   */
  public void selfCheck(List<TokenizedExample> examples) {
    if (replicas.get(0).reference() == null || examples.isEmpty()) {
      return;
    }
    List<TokenizedExample> batch = cut(examples).get(0);
    Both both = score(List.of(groups(batch)), i -> options.compute());
    double[] frozen = Objects.requireNonNull(both.reference());
    // Of equal models no divergence is estimated: it is 0.
    // The constant is that of pairs which count alike.
    double[] alike = new double[frozen.length];
    BatchLoss result = evaluate(batch, Scores.of(both.policy(), frozen, alike), frozen);
    SelfCheck.require(batch, both.policy(), frozen, objective.loss(), result);
  }

  /**
   * Returns log π − log π_ref of every response, summed over its tokens; none where there is no
   * reference.
   */
  public double[] logRatios(List<TokenGroup> groups) {
    if (groups.isEmpty() || replicas.get(0).reference() == null) {
      return new double[0];
    }
    List<TokenizedExample> examples =
        groups.stream().map(group -> new TokenizedExample("", group, true)).toList();
    List<List<TokenGroup>> passes = new ArrayList<>();
    for (List<TokenizedExample> pass : options.passes().cut(examples, TokenizedExample::tokens)) {
      passes.add(pass.stream().map(TokenizedExample::tokens).toList());
    }
    Both both = score(passes, i -> options.compute());
    double[] frozen = Objects.requireNonNull(both.reference());
    double[] ratios = new double[frozen.length];
    Arrays.setAll(ratios, i -> both.policy()[i] - frozen[i]);
    return ratios;
  }

  private double[] alignments(Pass pass) {
    return objective.wantsAlignments() ? pass.alignments() : new double[0];
  }

  private List<Both> scoreEach(List<List<TokenGroup>> passes, IntFunction<ComputeOptions> compute) {
    return ranks.map(
        passes,
        (rank, i, groups) -> {
          Replica replica = replicas.get(rank);
          double[] frozen = replica.referenceScores(groups);
          try (Pass pass = replica.policy().inference(groups, compute.apply(i))) {
            return new Both(pass.scores(), frozen, alignments(pass), statistics(pass));
          }
        },
        rank -> replicas.get(rank).accompany(false),
        PassResults.BOTH);
  }

  private Both score(List<List<TokenGroup>> passes, IntFunction<ComputeOptions> compute) {
    return joined(scoreEach(passes, compute));
  }

  private Both joined(List<Both> each) {
    double[] scores = new double[0];
    double[] frozen = new double[0];
    List<TokenStatistics> statistics = new ArrayList<>();
    double[] alignments = new double[0];
    for (Both one : each) {
      statistics.addAll(one.statistics());
      scores = joined(scores, one.policy());
      alignments = joined(alignments, one.alignments());
      frozen = joined(frozen, one.reference() == null ? new double[0] : one.reference());
    }
    return new Both(
        scores, replicas.get(0).reference() == null ? null : frozen, alignments, statistics);
  }

  private BatchLoss evaluateCoupled(List<TokenizedExample> examples, Both both) {
    List<TokenGroup> mismatched = objective.mismatched(examples);
    List<List<TokenGroup>> parts = new ArrayList<>();
    int most = options.passes().examples();
    for (int i = 0; i < mismatched.size(); i += most) {
      parts.add(mismatched.subList(i, Math.min(mismatched.size(), i + most)));
    }
    Both others = score(parts, i -> options.compute());
    double[] frozen = both.reference();
    return evaluate(
        examples,
        new Scores(
            both.policy(),
            orSame(frozen, both.policy()),
            others.policy(),
            others.reference() == null ? new double[0] : others.reference(),
            both.alignments()),
        frozen);
  }

  private BatchLoss evaluate(
      List<TokenizedExample> examples, Scores scores, double @Nullable [] frozen) {
    Finite.scores("policy", examples, scores.policy());
    if (frozen != null) {
      Finite.scores("reference", examples, frozen);
    }
    BatchLoss result = objective.evaluate(examples, scores);
    Finite.losses(examples, result);
    return result;
  }

  private static double[] orSame(double @Nullable [] frozen, double[] scores) {
    return frozen == null ? scores : frozen;
  }

  private List<TokenGroup> groups(List<TokenizedExample> examples) {
    return examples.stream().map(objective::group).toList();
  }

  // The loss of a step is the mean over its examples, whatever the micro-batches.
  private static double[] scaled(double[] gradient, int examples) {
    return Arrays.stream(gradient).map(value -> value / examples).toArray();
  }

  private static double[] joined(double[] a, double[] b) {
    double[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
