package demo;

import io.dil.losses.Domain;
import io.dil.losses.LossParameter;
import io.dil.losses.LossProvider;
import io.dil.losses.LossSpec;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.Reduction;

/** The loss {@code squared-ratios}: log-ratios are drawn to two targets. */
public final class SquaredRatios implements LossProvider {
  private static final LossParameter TARGET =
      LossParameter.number("target", 1, Domain.above(0), "where the log-ratios go", "this example");

  @Override
  public LossSpec spec() {
    return LossSpec.pair("squared-ratios")
        .formula("(r_w - target)^2 + (r_l + target)^2")
        .source("this example")
        .parameters(TARGET)
        .reducedBy(
            Reduction.MEAN,
            "this example",
            (reduction, values) -> {
              double target = values.number(TARGET);
              return PairwiseLoss.ofLogRatios(
                  reduction,
                  (chosen, rejected) ->
                      chosen.sub(target).square().add(rejected.add(target).square()));
            });
  }
}
