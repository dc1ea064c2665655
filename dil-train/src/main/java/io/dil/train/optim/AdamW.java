package io.dil.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.collective.Collectives;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019) as {@code torch.optim.AdamW} defines it, with moments of the
 * type of the master weights, in one fused call a step.
 *
 * <p>Weight decay acts on matrices alone, not on biases and the weights of norms, as in
 * transformers' {@code Trainer}.
 */
public final class AdamW implements AutoCloseable {
  /**
   * What does not change from step to step.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second
   * @param epsilon added to the root of the second
   * @param weightDecay the share of a weight that is taken off, times the learning rate
   */
  public record Options(double beta1, double beta2, double epsilon, double weightDecay) {}

  private final Options options;
  private final Collectives group;
  private final Kernels kernels;
  private final NDManager manager;
  private final List<Group> groups = new ArrayList<>();
  private final List<NDArray> first = new ArrayList<>();
  private final List<NDArray> second = new ArrayList<>();
  private final List<NDArray> gradients = new ArrayList<>();
  private long step;

  /** Parameters that decay, or those that do not, with their arrays in the same order. */
  private record Group(
      double decay,
      StorageType type,
      List<NDArray> weights,
      List<NDArray> gradients,
      List<NDArray> first,
      List<NDArray> second) {
    Group(double decay, StorageType type) {
      this(decay, type, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  /** Makes an optimiser with moments of zero, which live until it is closed. */
  public AdamW(List<Parameter> parameters, NDManager owner, Kernels kernels, Options options) {
    this(parameters, owner, kernels, options, Collectives.alone());
  }

  /**
   * Makes an optimiser of this rank's share of the parameters.
   *
   * @param group the ranks that hold the rest
   */
  public AdamW(
      List<Parameter> parameters,
      NDManager owner,
      Kernels kernels,
      Options options,
      Collectives group) {
    this.group = group;
    this.options = options;
    this.kernels = kernels;
    manager = owner.newSubManager();
    StorageType type = parameters.isEmpty() ? StorageType.F32 : parameters.get(0).type();
    Group decayed = new Group(options.weightDecay(), type);
    Group kept = new Group(0, type);
    for (Parameter parameter : parameters) {
      NDArray m = moment(parameter);
      NDArray v = moment(parameter);
      first.add(m);
      second.add(v);
      gradients.add(parameter.gradient());
      if (parameter.master().getShape().size() == 0) {
        // More ranks than rows: this one has none of them.
        continue;
      }
      boolean matrix = parameter.master().getShape().dimension() > 1;
      Group of = matrix && options.weightDecay() > 0 ? decayed : kept;
      of.weights().add(parameter.master());
      of.gradients().add(parameter.gradient());
      of.first().add(m);
      of.second().add(v);
    }
    for (Group one : List.of(decayed, kept)) {
      if (!one.weights().isEmpty()) {
        groups.add(one);
      }
    }
  }

  private NDArray moment(Parameter parameter) {
    return kernels.zeros(manager, Kernels.shape(parameter.master()), parameter.type());
  }

  /** Returns the 2-norm of all gradients together, those of other ranks included. */
  public double gradientNorm() {
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
  public void clip(double norm, double maxNorm) {
    double factor = maxNorm / (norm + 1e-6);
    if (factor < 1) {
      kernels.scale(gradients, factor);
    }
  }

  /**
   * Moves every master by its gradient, then sets the gradients to zero. The model's weights follow
   * with {@link io.dil.core.model.CausalLm#refresh}.
   */
  public void step(double learningRate) {
    step++;
    for (Group one : groups) {
      update(one, learningRate);
    }
    kernels.zero(gradients);
  }

  private void update(Group of, double learningRate) {
    try (NDManager scope = manager.newSubManager()) {
      // The kernel wants one type throughout, so fp32 sums are rounded where the weights are.
      List<NDArray> rounded =
          of.type() == StorageType.F32
              ? of.gradients()
              : of.gradients().stream()
                  .map(gradient -> kernels.cast(scope, gradient, of.type()))
                  .toList();
      kernels.adamW(
          of.weights(),
          rounded,
          of.first(),
          of.second(),
          step,
          learningRate,
          options.beta1(),
          options.beta2(),
          options.epsilon(),
          of.decay());
    }
  }

  /** Returns how many steps were taken. */
  public long steps() {
    return step;
  }

  /** Goes on behind a number of steps, with moments that were copied in. */
  public void resume(long steps) {
    step = steps;
  }

  /** Returns the first moments in the order of the parameters. */
  public List<NDArray> firstMoments() {
    return List.copyOf(first);
  }

  /** Returns the second moments in the order of the parameters. */
  public List<NDArray> secondMoments() {
    return List.copyOf(second);
  }

  @Override
  public void close() {
    manager.close();
  }
}
