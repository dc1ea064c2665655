package io.dil.losses;

/**
 * A loss of one's own that has a name: {@code loss_type} takes it, its parameters are settings, and
 * {@code dil loss --list} shows it.
 *
 * <p>The class has a public constructor without arguments, and its name stands in {@code
 * META-INF/services/io.dil.losses.LossProvider}. A loss that needs no name is a lambda, see {@link
 * PairwiseLoss#ofLogRatios}.
 *
 * <pre>{@code
 * public final class MyLoss implements LossProvider {
 *   private static final LossParameter BETA =
 *       LossParameter.number("beta", 0.1, Domain.above(0), "strength", "my paper, section 3");
 *
 *   public LossSpec spec() {
 *     return LossSpec.pair("my-loss")
 *         .formula("log(1 + exp(-beta (r_w - r_l)))")
 *         .parameters(BETA)
 *         .reducedBy(
 *             Reduction.SUM,
 *             "my paper, eq. 7",
 *             (reduction, values) -> {
 *               double beta = values.number(BETA);
 *               return PairwiseLoss.ofLogRatios(
 *                   reduction, (chosen, rejected) -> rejected.sub(chosen).mul(beta).exp().add(1).log());
 *             });
 *   }
 * }
 * }</pre>
 */
public interface LossProvider {
  /** Returns the description: names, parameters, formula, source, and how the loss is made. */
  LossSpec spec();
}
