package io.dil.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.StorageType;
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
  private final Kernels kernels;
  private final NDManager manager;
  private final List<Parameter> parameters;
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
    this.options = options;
    this.kernels = kernels;
    this.parameters = List.copyOf(parameters);
    manager = owner.newSubManager();
    StorageType type = parameters.isEmpty() ? StorageType.F32 : parameters.get(0).type();
    Group decayed = new Group(options.weightDecay(), type);
    Group kept = new Group(0, type);
    for (Parameter parameter : parameters) {
      NDArray m = moment(parameter);
      NDArray v = moment(parameter);
      boolean matrix = parameter.master().getShape().dimension() > 1;
      Group group = matrix && options.weightDecay() > 0 ? decayed : kept;
      group.weights().add(parameter.master());
      group.gradients().add(parameter.gradient());
      group.first().add(m);
      group.second().add(v);
      first.add(m);
      second.add(v);
      gradients.add(parameter.gradient());
    }
    for (Group group : List.of(decayed, kept)) {
      if (!group.weights().isEmpty()) {
        groups.add(group);
      }
    }
  }

  private NDArray moment(Parameter parameter) {
    NDArray zeros = Kernels.zerosLike(manager, parameter.master());
    if (parameter.type() == StorageType.F32) {
      return zeros;
    }
    try (zeros) {
      return kernels.cast(manager, zeros, parameter.type());
    }
  }

  /** Returns the 2-norm of all gradients together. */
  public double gradientNorm() {
    return kernels.globalNorm(gradients);
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

  /** Moves every parameter by its gradient, then sets the gradients to zero. */
  public void step(double learningRate) {
    step++;
    for (Group group : groups) {
      update(group, learningRate);
    }
    for (Parameter parameter : parameters) {
      if (parameter.master() != parameter.value()) {
        kernels.copy(parameter.value(), parameter.master());
      }
    }
    kernels.zero(gradients);
  }

  private void update(Group group, double learningRate) {
    try (NDManager scope = manager.newSubManager()) {
      // The kernel wants one type throughout, so fp32 sums are rounded where the weights are.
      List<NDArray> rounded =
          group.type() == StorageType.F32
              ? group.gradients()
              : group.gradients().stream()
                  .map(gradient -> kernels.cast(scope, gradient, group.type()))
                  .toList();
      kernels.adamW(
          group.weights(),
          rounded,
          group.first(),
          group.second(),
          step,
          learningRate,
          options.beta1(),
          options.beta2(),
          options.epsilon(),
          group.decay());
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
