package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Supervised fine-tuning: the negative log-likelihood −s of a response.
 *
 * <p>Each response counts once, whatever its length. The usual SFT trainer instead divides by the
 * number of tokens of the whole batch, so that long responses count more.
 *
 * <p>A demonstration has no implicit reward: what is reported as such is 0.
 *
 * <p>Source: Xiao et al. 2025 (DIL), eq. 4 and 5.
 *
 * @param reduction sum or mean over tokens
 */
public record Sft(Reduction reduction) implements DemonstrationLoss {
  static final LossSpec SPEC =
      LossSpec.demonstration("sft")
          .alias("nll")
          .formula("-s")
          .source("Xiao et al. 2025 (DIL), eq. 4 and 5")
          .reducedBy(
              Reduction.MEAN,
              "the usual per-token cross-entropy",
              (reduction, values) -> new Sft(reduction));

  @Override
  public ResponseOutput compute(ResponseLogProbs policy) {
    NDArray logProbs = policy.reduced(reduction);
    return new ResponseOutput(logProbs.neg(), logProbs.stopGradient().zerosLike());
  }
}
