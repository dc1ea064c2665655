package io.dil.train;

import io.dil.core.model.TokenStatistics;
import io.dil.train.objective.BatchLoss;
import io.dil.train.rank.RankResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** What a pass gives, and the form in which it goes to other processes. */
final class PassResults {
  /** The form of what a pass of a step gave. */
  static final RankResult.Form<Scored> SCORED =
      new RankResult.Form<>() {
        @Override
        public List<double @Nullable []> write(Scored scored) {
          BatchLoss loss = scored.loss();
          return Arrays.asList(
              scored.policy(),
              scored.reference(),
              loss.perExample(),
              loss.gradient(),
              loss.chosenRewards(),
              loss.rejectedRewards(),
              loss.kl().isPresent() ? new double[] {loss.kl().getAsDouble()} : null,
              numbers(scored.statistics()));
        }

        @Override
        public Scored read(List<double @Nullable []> parts) {
          double[] kl = parts.get(6);
          return new Scored(
              RankResult.part(parts, 0),
              parts.get(1),
              new BatchLoss(
                  RankResult.part(parts, 2),
                  RankResult.part(parts, 3),
                  RankResult.part(parts, 4),
                  RankResult.part(parts, 5),
                  kl == null ? OptionalDouble.empty() : OptionalDouble.of(kl[0])),
              statistics(RankResult.part(parts, 7)));
        }
      };

  /** The form of scores. */
  static final RankResult.Form<Both> BOTH =
      new RankResult.Form<>() {
        @Override
        public List<double @Nullable []> write(Both both) {
          return Arrays.asList(
              both.policy(), both.reference(), both.alignments(), numbers(both.statistics()));
        }

        @Override
        public Both read(List<double @Nullable []> parts) {
          return new Both(
              RankResult.part(parts, 0),
              parts.get(1),
              RankResult.part(parts, 2),
              statistics(RankResult.part(parts, 3)));
        }
      };

  /** The form of statistics alone. */
  static final RankResult.Form<List<TokenStatistics>> STATISTICS =
      new RankResult.Form<>() {
        @Override
        public List<double @Nullable []> write(List<TokenStatistics> statistics) {
          return List.of(numbers(statistics));
        }

        @Override
        public List<TokenStatistics> read(List<double @Nullable []> parts) {
          return statistics(RankResult.part(parts, 0));
        }
      };

  private PassResults() {}

  private static double[] numbers(List<TokenStatistics> statistics) {
    return statistics.stream()
        .flatMapToDouble(
            one ->
                DoubleStream.of(
                    one.entropy(), one.logits(), (double) one.top(), (double) one.tokens()))
        .toArray();
  }

  private static List<TokenStatistics> statistics(double[] numbers) {
    List<TokenStatistics> statistics = new ArrayList<>();
    for (int i = 0; i < numbers.length; i += 4) {
      statistics.add(
          new TokenStatistics(
              numbers[i], numbers[i + 1], (long) numbers[i + 2], (long) numbers[i + 3]));
    }
    return statistics;
  }

  /** What a pass of a step gave. */
  record Scored(
      double[] policy,
      double @Nullable [] reference,
      BatchLoss loss,
      List<TokenStatistics> statistics) {}

  /** Scores of the policy and of the reference, if there is one, and alignments where asked for. */
  record Both(
      double[] policy,
      double @Nullable [] reference,
      double[] alignments,
      List<TokenStatistics> statistics) {}
}
