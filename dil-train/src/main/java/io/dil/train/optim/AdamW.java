package io.dil.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.collective.Collectives;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdamW (Loshchilov and Hutter 2019) as {@code torch.optim.AdamW} defines it, with moments of the
 * type of the master weights or in 8 bits, on the device or on the host.
 *
 * <p>Weight decay acts on matrices alone, not on biases and the weights of norms, as in
 * transformers' {@code Trainer}.
 */
public final class AdamW extends Optimizer {
  /**
   * What does not change from step to step.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second
   * @param epsilon added to the root of the second
   * @param weightDecay the share of a weight that is taken off, times the learning rate
   */
  public record Options(double beta1, double beta2, double epsilon, double weightDecay) {}

  /** Numbers that are brought to fp32 at once: 64 MiB of each array. */
  private static final long CHUNK = 16L << 20;

  private final Options options;
  private final OptimizerType form;
  private final List<Slot> slots = new ArrayList<>();

  /** A parameter with its moments and its decay. */
  private record Slot(Parameter parameter, Moment first, Moment second, double decay) {
    boolean isEmpty() {
      return parameter.master().getShape().size() == 0;
    }
  }

  /** Makes an optimiser with moments of zero, which live until it is closed. */
  public AdamW(List<Parameter> parameters, NDManager owner, Kernels kernels, Options options) {
    this(parameters, owner, kernels, options, OptimizerType.ADAMW_TORCH, Collectives.alone());
  }

  /**
   * Makes an optimiser of this rank's share of the parameters, on the device where their masters
   * are.
   *
   * @param form how moments are kept
   * @param group the ranks that hold the rest
   */
  public AdamW(
      List<Parameter> parameters,
      NDManager owner,
      Kernels kernels,
      Options options,
      OptimizerType form,
      Collectives group) {
    super(parameters, owner, kernels, group);
    this.options = options;
    this.form = form;
    for (Parameter parameter : parameters) {
      slots.add(
          new Slot(
              parameter,
              moment(parameter, true),
              moment(parameter, false),
              decay(parameter, options.weightDecay())));
    }
  }

  private Moment moment(Parameter parameter, boolean signed) {
    if (form == OptimizerType.ADAMW_8BIT && QuantizedMoment.serves(parameter.shape())) {
      return new QuantizedMoment(place(), masters(), parameter.master().getShape(), signed);
    }
    NDArray zeros = masters().zeros(place(), Kernels.shape(parameter.master()), parameter.type());
    return new Moment.Plain(zeros, parameter.type());
  }

  @Override
  void update(double learningRate) {
    if (isOffloaded() || form != OptimizerType.ADAMW_TORCH || !fp32()) {
      slots.stream()
          .filter(slot -> !slot.isEmpty())
          .forEach(slot -> update(slot, rateOf(slot.parameter(), learningRate)));
    } else {
      updateAtOnce(learningRate);
    }
  }

  private boolean fp32() {
    return slots.stream()
        .map(Slot::parameter)
        .allMatch(
            one -> one.type() == StorageType.F32 && Kernels.elementBytes(one.gradient()) == 4);
  }

  /** What all parameters of a call have in common. */
  private record Alike(double decay, double rate) {}

  /** Updates all parameters of one decay and rate in one call. */
  private void updateAtOnce(double learningRate) {
    Map<Alike, List<Slot>> alike = new LinkedHashMap<>();
    for (Slot slot : slots) {
      if (!slot.isEmpty()) {
        Alike key = new Alike(slot.decay(), rateOf(slot.parameter(), learningRate));
        alike.computeIfAbsent(key, none -> new ArrayList<>()).add(slot);
      }
    }
    alike.forEach(
        (key, some) ->
            update(
                some.stream().map(slot -> slot.parameter().master()).toList(),
                some.stream().map(slot -> slot.parameter().gradient()).toList(),
                some.stream().map(slot -> ((Moment.Plain) slot.first()).array()).toList(),
                some.stream().map(slot -> ((Moment.Plain) slot.second()).array()).toList(),
                key.decay(),
                key.rate()));
  }

  /** Updates one parameter, so that no copy of more than one of its arrays is there at a time. */
  private void update(Slot slot, double learningRate) {
    try (NDManager scope = manager().newSubManager()) {
      Parameter parameter = slot.parameter();
      // The kernel wants one type throughout, on one device.
      boolean quantized = slot.first() instanceof QuantizedMoment;
      StorageType type = quantized ? StorageType.F32 : parameter.type();
      NDArray gradient =
          isOffloaded()
              ? kernels().hosted(scope, parameter.gradient(), type)
              : kernels().cast(scope, parameter.gradient(), type);
      if (!quantized) {
        update(
            List.of(parameter.master()),
            List.of(gradient),
            List.of(((Moment.Plain) slot.first()).array()),
            List.of(((Moment.Plain) slot.second()).array()),
            slot.decay(),
            learningRate);
        return;
      }
      long rows = parameter.master().getShape().get(0);
      long some = Math.max(1, CHUNK / parameter.master().getShape().get(1));
      for (long from = 0; from < rows; from += some) {
        updateQuantized(slot, gradient, from, Math.min(some, rows - from), learningRate);
      }
    }
  }

  private void updateQuantized(
      Slot slot, NDArray gradient, long from, long count, double learningRate) {
    QuantizedMoment first = (QuantizedMoment) slot.first();
    QuantizedMoment second = (QuantizedMoment) slot.second();
    try (NDManager scope = manager().newSubManager()) {
      NDArray rows = masters().rows(scope, slot.parameter().master(), from, count);
      NDArray weights = masters().cast(scope, rows, StorageType.F32);
      NDArray m = first.open(scope, from, count);
      NDArray v = second.open(scope, from, count);
      update(
          List.of(weights),
          List.of(masters().rows(scope, gradient, from, count)),
          List.of(m),
          List.of(v),
          slot.decay(),
          learningRate);
      if (slot.parameter().type() != StorageType.F32) {
        masters().copy(rows, weights);
      }
      first.close(m, from);
      second.close(v, from);
    }
  }

  private void update(
      List<NDArray> weights,
      List<NDArray> slopes,
      List<NDArray> first,
      List<NDArray> second,
      double decay,
      double learningRate) {
    masters()
        .adamW(
            weights,
            slopes,
            first,
            second,
            steps(),
            learningRate,
            options.beta1(),
            options.beta2(),
            options.epsilon(),
            decay);
  }

  @Override
  public List<Map<String, Moment>> moments() {
    return slots.stream()
        .map(
            slot -> {
              Map<String, Moment> moments = new LinkedHashMap<>();
              moments.put("exp_avg", slot.first());
              moments.put("exp_avg_sq", slot.second());
              return moments;
            })
        .toList();
  }
}
