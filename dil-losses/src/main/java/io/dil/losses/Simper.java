package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * SimPER, which optimises inverse perplexities: −e^{s_w} + e^{s_l}, s averaged over tokens.
 *
 * <p>It needs neither reference nor hyper-parameter. Gradients: −e^{s_w} with respect to s_w and
 * e^{s_l} with respect to s_l, at most 1 where s is an average log-probability.
 *
 * <p>Source: Xiao et al. 2025 (SimPER), arXiv 2502.00883, eq. 6.
 *
 * @param reduction sum or mean over tokens
 */
public record Simper(Reduction reduction) implements LogProbLoss {
  static final LossSpec SPEC =
      LossSpec.pair("simper")
          .formula("-exp(s_w) + exp(s_l)")
          .source("Xiao et al. 2025 (SimPER), arXiv 2502.00883, eq. 6")
          .parameters()
          .reducedBy(
              Reduction.MEAN,
              "Xiao et al. 2025 (SimPER): the inverse perplexity is the exponential of the average",
              (reduction, values) -> new Simper(reduction));

  @Override
  public NDArray perExample(NDArray chosen, NDArray rejected) {
    return rejected.exp().sub(chosen.exp());
  }

  @Override
  public double rewardScale() {
    return 1;
  }
}
