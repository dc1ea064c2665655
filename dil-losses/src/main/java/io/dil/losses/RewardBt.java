package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Bradley-Terry loss of a reward model: −log σ(r_w − r_l − m) + c (r_w + r_l)², where r is the
 * reward that the model gives a response, m the margin of the pair and c the centring coefficient.
 *
 * <p>The first part does not change where all rewards are shifted alike; the second pulls them
 * towards 0, so that rewards of different prompts can be compared. Gradient with respect to r_w:
 * σ(r_w − r_l − m) − 1 + 2c (r_w + r_l); with respect to r_l: 1 − σ(r_w − r_l − m) + 2c (r_w +
 * r_l).
 *
 * <p>The inputs are rewards and not log-probabilities; with one number a response the reduction is
 * a matter of form, and training takes them as they are.
 *
 * <p>Source: Xiao et al. 2025 (DIL), eq. 3; Bradley and Terry 1952; margin: Touvron et al. 2023
 * (Llama 2), arXiv 2307.09288, eq. 2; centring: Eisenstein et al. 2023, arXiv 2312.09244, as TRL's
 * {@code RewardTrainer} has both.
 *
 * @param reduction sum or mean over tokens
 * @param centerRewardsCoefficient c, at least 0
 */
public record RewardBt(Reduction reduction, double centerRewardsCoefficient) implements RewardLoss {
  private static final LossParameter CENTER =
      LossParameter.number(
          "center_rewards_coefficient",
          0,
          Domain.atLeast(0),
          "weight of the squared sum of a pair's rewards, which keeps them around 0",
          "TRL's RewardConfig: none; Eisenstein et al. 2023, arXiv 2312.09244: 0.01");

  static final LossSpec SPEC =
      LossSpec.pair("reward-bt")
          .alias("bradley-terry")
          .formula(
              "-log sigmoid(s_w - s_l - margin) + center_rewards_coefficient (s_w + s_l)^2,"
                  + " s the score of a reward model")
          .source("Xiao et al. 2025 (DIL), eq. 3; margin: Touvron et al. 2023, eq. 2")
          .parameters(CENTER)
          .withoutDemonstrations()
          .reducedBy(
              Reduction.SUM,
              "a score is taken as it is",
              (reduction, values) -> new RewardBt(reduction, values.number(CENTER)));

  /** Checks the range. */
  public RewardBt {
    CENTER.check(centerRewardsCoefficient);
  }

  @Override
  public LossOutput compute(PairRewards rewards) {
    NDArray chosen = rewards.chosen();
    NDArray rejected = rewards.rejected();
    NDArray loss = LossMath.logSigmoid(chosen.sub(rejected).sub(rewards.margins())).neg();
    if (centerRewardsCoefficient > 0) {
      loss = loss.add(chosen.add(rejected).square().mul(centerRewardsCoefficient));
    }
    return new LossOutput(loss, chosen.mul(1).stopGradient(), rejected.mul(1).stopGradient());
  }
}
