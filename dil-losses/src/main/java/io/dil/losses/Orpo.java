package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Odds-ratio preference optimisation: −s_w − β log σ(log odds_w − log odds_l), odds = p/(1 − p), p
 * = e^s, s averaged over tokens.
 *
 * <p>β is the paper's λ. The likelihood term covers the response alone; TRL's covers the prompt
 * too, and is averaged over the tokens of the whole batch.
 *
 * <p>Source: Hong et al. 2024, arXiv 2403.07691, eq. 6 and 7.
 *
 * @param reduction sum or mean over tokens
 * @param beta weight of the odds-ratio term (the paper's lambda)
 */
public record Orpo(Reduction reduction, double beta) implements LogProbLoss {
  private static final LossParameter BETA =
      LossParameter.number(
              "beta",
              0.1,
              Domain.above(0),
              "weight of the odds-ratio term (the paper's lambda)",
              "TRL ORPOConfig")
          .alsoKnownAs("lambda");

  static final LossSpec SPEC =
      LossSpec.pair("orpo")
          .formula("-s_w - beta log sigmoid(s_w - log(1 - exp(s_w)) - s_l + log(1 - exp(s_l)))")
          .source("Hong et al. 2024 (ORPO), arXiv 2403.07691, eq. 6 and 7")
          .parameters(BETA)
          .reducedBy(
              Reduction.MEAN,
              "Hong et al. 2024, eq. 3",
              (reduction, values) -> new Orpo(reduction, values.number(BETA)));

  /** Checks the ranges. */
  public Orpo {
    BETA.check(beta);
  }

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    NDArray logOdds = chosen.sub(LossMath.log1mExp(chosen));
    NDArray otherLogOdds = rejected.sub(LossMath.log1mExp(rejected));
    return LossMath.logSigmoid(logOdds.sub(otherLogOdds)).mul(-beta).sub(chosen);
  }

  @Override
  public double rewardScale() {
    return beta;
  }
}
