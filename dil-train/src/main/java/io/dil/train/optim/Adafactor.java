package io.dil.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.collective.Collectives;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.OptimizerKernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Adafactor as transformers has it, with a rate from outside or one of its own: of a matrix it
 * keeps the means of squared gradients of each row and column in place of those of each number.
 *
 * <pre>
 * β₂ = 1 − t^γ;  R ← β₂R + (1−β₂) mean over columns of (g² + ε₁);  C likewise over rows
 * u = g / √(R Cᵀ / mean R);  u ← u / max(1, rms(u)/d)
 * p ← p(1 − λ·lr) − lr·u, with lr ← lr·max(ε₂, rms(p)) where the parameter scales it
 * </pre>
 *
 * <p>Source: Shazeer and Stern 2018, <a href="https://arxiv.org/abs/1804.04235">Adafactor</a>,
 * Algorithm 4 and 5; {@code transformers.optimization.Adafactor}. Means and norms go over whole
 * matrices, so it is not shared among ranks.
 */
public final class Adafactor extends Optimizer {
  /**
   * What does not change from step to step; defaults are transformers'.
   *
   * @param clip d, the largest root mean square of an update
   * @param decayRate γ
   * @param beta1 decay of a first moment; none without one
   * @param scaleParameter whether the rate is multiplied by a parameter's size
   * @param relativeStep whether the rate is min(0.01, 1/√t), whatever comes from outside
   * @param warmupInit whether that begins at 1e-6·t in place of 0.01
   * @param epsilon ε₁, added to squares
   * @param leastSize ε₂, the least size of a parameter
   * @param weightDecay λ, of matrices alone
   */
  public record Options(
      double clip,
      double decayRate,
      OptionalDouble beta1,
      boolean scaleParameter,
      boolean relativeStep,
      boolean warmupInit,
      double epsilon,
      double leastSize,
      double weightDecay) {}

  private final Options options;
  private final OptimizerKernels kernels;
  private final List<Slot> slots = new ArrayList<>();

  /** A parameter with its moments by their names, and its decay. */
  private record Slot(Parameter parameter, Map<String, Moment> moments, double decay) {
    NDArray array(String name) {
      Moment moment = moments.get(name);
      if (moment instanceof Moment.Plain plain) {
        return plain.array();
      }
      throw new IllegalStateException(name + " is not kept of " + parameter.name());
    }
  }

  /** Makes an optimiser with moments of zero. */
  public Adafactor(List<Parameter> parameters, NDManager owner, Kernels kernels, Options options) {
    super(parameters, owner, kernels, Collectives.alone());
    this.options = options;
    this.kernels = new OptimizerKernels(place());
    for (Parameter parameter : parameters) {
      List<Long> shape = parameter.shape();
      int last = shape.size() - 1;
      Map<String, Moment> moments = new LinkedHashMap<>();
      if (options.beta1().isPresent()) {
        moments.put("exp_avg", zeros(shape));
      }
      if (shape.size() > 1) {
        moments.put("exp_avg_sq_row", zeros(shape.subList(0, last)));
        List<Long> columns = new ArrayList<>(shape.subList(0, last - 1));
        columns.add(shape.get(last));
        moments.put("exp_avg_sq_col", zeros(columns));
      } else {
        moments.put("exp_avg_sq", zeros(shape));
      }
      slots.add(new Slot(parameter, moments, decay(parameter, options.weightDecay())));
    }
  }

  @Override
  public double rate(double given) {
    if (!options.relativeStep()) {
      return given;
    }
    double most = options.warmupInit() ? 1e-6 * steps() : 1e-2;
    return Math.min(most, 1 / Math.sqrt((double) steps()));
  }

  @Override
  void update(double given) {
    double learningRate = rate(given);
    double beta2 = 1 - Math.pow((double) steps(), options.decayRate());
    for (Slot slot : slots) {
      inFloat32(
          slot.parameter(),
          (p, g) -> move(slot, p, g, beta2, rateOf(slot.parameter(), learningRate)));
    }
  }

  private void move(Slot slot, NDArray p, NDArray g, double beta2, double learningRate) {
    try (NDManager scope = place().newSubManager()) {
      boolean factored = slot.moments().containsKey("exp_avg_sq_row");
      NDArray update =
          factored
              ? kernels.adafactorFactored(
                  scope,
                  g,
                  slot.array("exp_avg_sq_row"),
                  slot.array("exp_avg_sq_col"),
                  beta2,
                  options.epsilon())
              : kernels.adafactorWhole(
                  scope, g, slot.array("exp_avg_sq"), beta2, options.epsilon());
      kernels.adafactorApply(
          p,
          update,
          options.beta1().isPresent() ? slot.array("exp_avg") : update,
          learningRate,
          options.clip(),
          options.beta1().orElse(-1),
          slot.decay(),
          options.scaleParameter(),
          options.leastSize());
    }
  }

  @Override
  public List<Map<String, Moment>> moments() {
    return slots.stream().map(Slot::moments).toList();
  }

  @Override
  public void close() {
    kernels.close();
    super.close();
  }
}
