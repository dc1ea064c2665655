package io.dil.train;

import io.dil.train.objective.BatchLoss;
import io.dil.train.rank.RankResult;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
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
              loss.kl().isPresent() ? new double[] {loss.kl().getAsDouble()} : null);
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
                  kl == null ? OptionalDouble.empty() : OptionalDouble.of(kl[0])));
        }
      };

  /** The form of scores. */
  static final RankResult.Form<Both> BOTH =
      new RankResult.Form<>() {
        @Override
        public List<double @Nullable []> write(Both both) {
          return Arrays.asList(both.policy(), both.reference());
        }

        @Override
        public Both read(List<double @Nullable []> parts) {
          return new Both(RankResult.part(parts, 0), parts.get(1));
        }
      };

  private PassResults() {}

  /** What a pass of a step gave. */
  record Scored(double[] policy, double @Nullable [] reference, BatchLoss loss) {}

  /** Scores of the policy and of the reference, if there is one. */
  record Both(double[] policy, double @Nullable [] reference) {}
}
