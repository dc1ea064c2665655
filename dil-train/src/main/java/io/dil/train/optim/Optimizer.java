package io.dil.train.optim;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.collective.Collectives;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;

/**
 * What moves a model's weights by their gradients, and what it remembers for that, which a
 * checkpoint holds. One of a rank moves that rank's share.
 */
public abstract class Optimizer implements AutoCloseable {
  private final Kernels kernels;
  private final NDManager manager;
  private final NDManager place;
  // Of the masters' device: that of the gradients, or the host.
  private final Kernels masters;
  private final boolean offloaded;
  private final Collectives group;
  private final List<NDArray> gradients;
  private ToDoubleFunction<String> factors = name -> 1;
  private long step;

  /**
   * Prepares an optimiser on the device where the masters are.
   *
   * @param parameters this rank's share of what is trained
   * @param group the ranks that hold the rest
   */
  Optimizer(List<Parameter> parameters, NDManager owner, Kernels kernels, Collectives group) {
    this.group = group;
    this.kernels = kernels;
    offloaded =
        owner.getDevice().isGpu()
            && !parameters.isEmpty()
            && !parameters.get(0).master().getDevice().isGpu();
    manager = owner.newSubManager();
    place = offloaded ? manager.newSubManager(Device.cpu()) : manager;
    masters = offloaded ? new Kernels(place) : kernels;
    gradients = parameters.stream().map(Parameter::gradient).toList();
  }

  /** Returns the 2-norm of all gradients together, those of other ranks included. */
  public final double gradientNorm() {
    double own = kernels.globalNorm(gradients);
    if (group.size() == 1) {
      return own;
    }
    double squares = 0;
    for (double[] norm : group.gather(new double[] {own})) {
      squares += norm[0] * norm[0];
    }
    return Math.sqrt(squares);
  }

  /**
   * Scales the gradients to {@code maxNorm} where they are longer, as {@code clip_grad_norm_} does.
   *
   * @param norm what {@link #gradientNorm} returned
   */
  public final void clip(double norm, double maxNorm) {
    double factor = maxNorm / (norm + 1e-6);
    if (factor < 1) {
      kernels.scale(gradients, factor);
    }
  }

  /**
   * Moves every master by its gradient, then sets the gradients to zero. The model's weights follow
   * with {@link io.dil.core.model.CausalLm#refresh}.
   */
  public final void step(double learningRate) {
    step++;
    update(learningRate);
    kernels.zero(gradients);
  }

  /** Returns the rate of the last step, for which {@link #step} was given one. */
  public double rate(double given) {
    return given;
  }

  /**
   * Sets what the rate of each parameter is multiplied by, by its name; 1 where this is not called.
   */
  public void setFactors(ToDoubleFunction<String> byName) {
    factors = byName;
  }

  /** Returns a parameter's own rate. */
  final double rateOf(Parameter parameter, double learningRate) {
    return learningRate * factors.applyAsDouble(parameter.name());
  }

  /** Moves every master by its gradient. */
  abstract void update(double learningRate);

  /**
   * Returns what it remembers of each parameter, in their order: moments by the names that they
   * have in a checkpoint.
   */
  public abstract List<Map<String, Moment>> moments();

  /** Returns how many steps were taken. */
  public final long steps() {
    return step;
  }

  /** Goes on after a number of steps, with moments that were copied in. */
  public final void resume(long steps) {
    step = steps;
  }

  /** Returns the decay of a parameter: matrices decay, biases and the weights of norms do not. */
  static double decay(Parameter parameter, double weightDecay) {
    return parameter.shape().size() > 1 ? weightDecay : 0;
  }

  /** Returns whether this rank has a share of a parameter. */
  static boolean isHere(Parameter parameter) {
    return parameter.master().getShape().size() > 0;
  }

  /** Returns where masters and moments are. */
  final NDManager place() {
    return place;
  }

  /** Returns the owner of what lives as long as the optimiser, on the gradients' device. */
  final NDManager manager() {
    return manager;
  }

  /** Returns the kernels of the gradients' device. */
  final Kernels kernels() {
    return kernels;
  }

  /** Returns the kernels of the masters' device. */
  final Kernels masters() {
    return masters;
  }

  /** Returns whether masters are on the host and gradients are not. */
  final boolean isOffloaded() {
    return offloaded;
  }

  /** Returns a moment of zeros in fp32, of a shape. */
  final Moment.Plain zeros(List<Long> shape) {
    return new Moment.Plain(masters.zeros(place, shape, StorageType.F32), StorageType.F32);
  }

  /** Gives a parameter's master and gradient in fp32 to a step, and keeps what that makes of it. */
  final void inFloat32(Parameter parameter, BiConsumer<NDArray, NDArray> move) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray gradient =
          offloaded
              ? kernels.hosted(scope, parameter.gradient(), StorageType.F32)
              : kernels.cast(scope, parameter.gradient(), StorageType.F32);
      if (parameter.type() == StorageType.F32) {
        move.accept(parameter.master(), gradient);
        return;
      }
      NDArray weights = masters.cast(scope, parameter.master(), StorageType.F32);
      move.accept(weights, gradient);
      masters.copy(parameter.master(), weights);
    }
  }

  @Override
  public void close() {
    if (offloaded) {
      masters.close();
    }
    manager.close();
  }
}
