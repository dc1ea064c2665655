package io.dil.train.optim;

import ai.djl.ndarray.NDManager;
import io.dil.core.collective.Collectives;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.OptimizerKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lion: every weight moves by the rate, in the direction of the sign of a running mean.
 *
 * <pre>
 * p ← p(1 − lr·λ) − lr·sign(β₁m + (1−β₁)g);  m ← β₂m + (1−β₂)g
 * </pre>
 *
 * <p>Source: Chen et al. 2023, <a href="https://arxiv.org/abs/2302.06675">Symbolic discovery of
 * optimization algorithms</a>, Program 1; in transformers it is bitsandbytes' {@code Lion} with
 * {@code adam_beta1} and {@code adam_beta2}. Element by element, so ranks hold shares of it.
 */
public final class Lion extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final OptimizerKernels steps;
  private final List<Slot> slots = new ArrayList<>();

  /** A parameter, its moment and its decay. */
  private record Slot(Parameter parameter, Moment.Plain moment, double decay) {}

  /**
   * Makes an optimiser with moments of zero.
   *
   * @param beta1 the moment's share in the direction of a step
   * @param beta2 decay of the moment
   * @param weightDecay λ, of matrices alone
   */
  public Lion(
      List<Parameter> parameters,
      NDManager owner,
      Kernels kernels,
      double beta1,
      double beta2,
      double weightDecay,
      Collectives group) {
    super(parameters, owner, kernels, group);
    this.beta1 = beta1;
    this.beta2 = beta2;
    steps = new OptimizerKernels(place());
    for (Parameter parameter : parameters) {
      slots.add(
          new Slot(
              parameter, zeros(Kernels.shape(parameter.master())), decay(parameter, weightDecay)));
    }
  }

  @Override
  void update(double learningRate) {
    for (Slot slot : slots) {
      if (isHere(slot.parameter())) {
        inFloat32(
            slot.parameter(),
            (p, g) ->
                steps.lion(
                    p,
                    g,
                    slot.moment().array(),
                    rateOf(slot.parameter(), learningRate),
                    beta1,
                    beta2,
                    slot.decay()));
      }
    }
  }

  @Override
  public List<Map<String, Moment>> moments() {
    return slots.stream().map(slot -> Map.<String, Moment>of("exp_avg", slot.moment())).toList();
  }

  @Override
  public void close() {
    steps.close();
    super.close();
  }
}
