package io.dil.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019) as {@code torch.optim.AdamW} defines it, with fp32 moments, in
 * one fused call a step.
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
      List<NDArray> weights,
      List<NDArray> gradients,
      List<NDArray> first,
      List<NDArray> second) {
    Group(double decay) {
      this(decay, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  /** Makes an optimiser with moments of zero, which live until it is closed. */
  public AdamW(List<Parameter> parameters, NDManager owner, Kernels kernels, Options options) {
    this.options = options;
    this.kernels = kernels;
    this.parameters = List.copyOf(parameters);
    manager = owner.newSubManager();
    Group decayed = new Group(options.weightDecay());
    Group kept = new Group(0);
    for (Parameter parameter : parameters) {
      NDArray m = Kernels.zerosLike(manager, parameter.master());
      NDArray v = Kernels.zerosLike(manager, parameter.master());
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
      kernels.adamW(
          group.weights(),
          group.gradients(),
          group.first(),
          group.second(),
          step,
          learningRate,
          options.beta1(),
          options.beta2(),
          options.epsilon(),
          group.decay());
    }
    for (Parameter parameter : parameters) {
      if (parameter.master() != parameter.value()) {
        kernels.copy(parameter.value(), parameter.master());
      }
    }
    kernels.zero(gradients);
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
