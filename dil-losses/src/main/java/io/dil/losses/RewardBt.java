package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Bradley-Terry loss of a reward model: −log σ(s_w − s_l), where s is the score that the model
 * gives a response.
 *
 * <p>The inputs are scores and not log-probabilities; with one score a response the reduction is a
 * matter of form.
 *
 * <p>Source: Xiao et al. 2025 (DIL), eq. 3; Bradley and Terry 1952.
 *
 * @param reduction sum or mean over tokens
 */
public record RewardBt(Reduction reduction) implements LogProbLoss {

  static final LossSpec SPEC =
      LossSpec.pair("reward-bt")
          .alias("bradley-terry")
          .formula("-log sigmoid(s_w - s_l), s the score of a reward model")
          .source("Xiao et al. 2025 (DIL), eq. 3")
          .withoutDemonstrations()
          .reducedBy(
              Reduction.SUM,
              "a score is taken as it is",
              (reduction, values) -> new RewardBt(reduction));

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return LossMath.logSigmoid(chosen.sub(rejected)).neg();
  }

  @Override
  public double rewardScale() {
    return 1;
  }
}
