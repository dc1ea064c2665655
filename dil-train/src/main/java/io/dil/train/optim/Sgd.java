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
 * Stochastic gradient descent with momentum as {@code torch.optim.SGD} defines it (dampening 0):
 *
 * <pre>
 * g ← g + λp;  b ← μb + g;  p ← p − lr·b, or with Nesterov's p ← p − lr(g + μb)
 * </pre>
 *
 * <p>Decay acts on the gradient, not on the weights by themselves as AdamW's does. Element by
 * element, so ranks hold shares of it.
 */
public final class Sgd extends Optimizer {
  private final double momentum;
  private final boolean nesterov;
  private final OptimizerKernels steps;
  private final List<Slot> slots = new ArrayList<>();

  /** A parameter, its buffer, which has no rows where there is no momentum, and its decay. */
  private record Slot(Parameter parameter, Moment.Plain buffer, double decay) {}

  /**
   * Makes an optimiser with buffers of zero.
   *
   * @param momentum μ; 0 for none, which remembers nothing
   * @param nesterov whether the step looks ahead
   * @param weightDecay λ, of matrices alone
   */
  public Sgd(
      List<Parameter> parameters,
      NDManager owner,
      Kernels kernels,
      double momentum,
      boolean nesterov,
      double weightDecay,
      Collectives group) {
    super(parameters, owner, kernels, group);
    this.momentum = momentum;
    this.nesterov = nesterov;
    steps = new OptimizerKernels(place());
    for (Parameter parameter : parameters) {
      List<Long> shape = momentum == 0 ? List.of(0L) : Kernels.shape(parameter.master());
      slots.add(new Slot(parameter, zeros(shape), decay(parameter, weightDecay)));
    }
  }

  @Override
  void update(double learningRate) {
    for (Slot slot : slots) {
      if (isHere(slot.parameter())) {
        inFloat32(
            slot.parameter(),
            (p, g) ->
                steps.sgd(
                    p,
                    g,
                    slot.buffer().array(),
                    rateOf(slot.parameter(), learningRate),
                    momentum,
                    nesterov,
                    slot.decay()));
      }
    }
  }

  @Override
  public List<Map<String, Moment>> moments() {
    return slots.stream()
        .map(
            slot ->
                momentum == 0
                    ? Map.<String, Moment>of()
                    : Map.<String, Moment>of("momentum_buffer", slot.buffer()))
        .toList();
  }

  @Override
  public void close() {
    steps.close();
    super.close();
  }
}
