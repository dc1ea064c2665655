package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * Supervised fine-tuning: the negative log-likelihood −s of a response.
 *
 * <p>Each response counts once, whatever its length. The usual SFT trainer, and TRL's {@code sft}
 * among the losses of pairs, instead divide by the number of tokens of the whole batch, so that
 * long responses count more: {@link Averaging#TOKENS}, where a response's loss is −s B / Σ |y|, the
 * mean of which over the B responses is −Σ s / Σ |y|.
 *
 * <p>A demonstration has no implicit reward: what is reported as such is 0.
 *
 * <p>Source: Xiao et al. 2025 (DIL), eq. 4 and 5; averages over tokens: TRL 1.16, {@code
 * DPOTrainer}.
 *
 * @param reduction sum or mean over tokens
 * @param averageOver what a mean is taken over; a sum is over a response's tokens
 */
public record Sft(Reduction reduction, Averaging averageOver) implements DemonstrationLoss {
  private static final LossParameter AVERAGE_OVER =
      LossParameter.choice(
          "average_over",
          Averaging.RESPONSES,
          Averaging.class,
          "what the mean is taken over: each response once, or all tokens of the batch",
          "the losses of pairs, which count each pair once; tokens: TRL");

  static final LossSpec SPEC =
      LossSpec.demonstration("sft")
          .alias("nll")
          .formula("-s")
          .source("Xiao et al. 2025 (DIL), eq. 4 and 5")
          .parameters(AVERAGE_OVER)
          .reducedBy(
              Reduction.MEAN,
              "the usual per-token cross-entropy",
              (reduction, values) ->
                  new Sft(reduction, values.choice(AVERAGE_OVER, Averaging.class)));

  /** Checks that what is averaged is a mean. */
  public Sft {
    if (reduction == Reduction.SUM && averageOver == Averaging.TOKENS) {
      throw new IllegalArgumentException(
          "sft: average_over must be responses where reduction is sum, got tokens");
    }
  }

  /** Makes the loss that counts each response once. */
  public Sft(Reduction reduction) {
    this(reduction, Averaging.RESPONSES);
  }

  /** Averages over the tokens of a batch need all of it. */
  @Override
  public boolean coupled() {
    return averageOver == Averaging.TOKENS;
  }

  @Override
  public ResponseOutput compute(ResponseLogProbs policy) {
    NDArray logProbs =
        averageOver == Averaging.TOKENS
            // Log-probabilities first: a result belongs to the manager of its first operand.
            ? policy
                .logProbs()
                .div(policy.logProbs().stopGradient().zerosLike().add(policy.tokens()).mean())
            : policy.reduced(reduction);
    return new ResponseOutput(logProbs.neg(), logProbs.stopGradient().zerosLike());
  }
}
