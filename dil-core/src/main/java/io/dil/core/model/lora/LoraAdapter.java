package io.dil.core.model.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.LowRank;
import io.dil.core.model.RewardHead;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank adapter of one base model; {@link #on} gives the adapted model. That of a reward model
 * has a head of its own, which is trained with it.
 *
 * <p>Its fp32 matrices belong to a manager under the base's, so they go with the base at the
 * latest.
 */
public final class LoraAdapter implements AutoCloseable {
  private LoraConfig config;
  private final NDManager manager;
  private final Map<String, LowRank> changes = new LinkedHashMap<>();
  private @Nullable NDArray head;

  LoraAdapter(LoraConfig config, NDManager manager) {
    this.config = config;
    this.manager = manager;
  }

  /**
   * Makes an adapter that changes nothing yet: A uniform in ±1/√in, which is PEFT's {@code
   * kaiming_uniform_(a=√5)}, and B zero. The head of a reward model begins as the base's.
   *
   * @param seed of the draws; equal seeds give equal adapters
   * @throws io.dil.core.InputException if a target names no linear of the model
   */
  public static LoraAdapter create(DecoderLm base, LoraConfig config, long seed) {
    LoraAdapter adapter = new LoraAdapter(config, base.manager().newSubManager());
    SplittableRandom seeds = new SplittableRandom(seed);
    Map<String, List<Long>> linears = base.linears();
    for (String name : LoraTargets.select(linears.keySet(), config.targets())) {
      long out = linears.getOrDefault(name, List.of()).get(0);
      long in = linears.getOrDefault(name, List.of()).get(1);
      float[] draws = new float[Math.toIntExact(config.rank() * in)];
      double bound = 1 / Math.sqrt((double) in);
      SplittableRandom random = seeds.split();
      for (int i = 0; i < draws.length; i++) {
        draws[i] = (float) ((2 * random.nextDouble() - 1) * bound);
      }
      adapter.add(
          name,
          adapter.manager.create(draws, new Shape(config.rank(), in)),
          adapter.manager.zeros(new Shape(out, config.rank())));
    }
    if (base.spec().isReward()) {
      NDArray weight = Objects.requireNonNull(base.weights().get(RewardHead.WEIGHT));
      adapter.setHead(base.kernels().cast(adapter.manager, weight, StorageType.F32));
    }
    return adapter;
  }

  void add(String name, NDArray a, NDArray b) {
    changes.put(name, new LowRank(own(a), own(b), config.scale()));
  }

  void setHead(NDArray weight) {
    head = own(weight);
  }

  // In memory of torch's own: products of small matrices may round by where in memory they lie, and
  // that of Java's buffers and of files lies anywhere.
  private NDArray own(NDArray array) {
    try (array) {
      NDArray copy = array.duplicate();
      copy.attach(manager);
      return copy;
    }
  }

  NDManager manager() {
    return manager;
  }

  /** Returns what the adapter looks like. */
  public LoraConfig config() {
    return config;
  }

  /** Sets the dropout that training goes on with, in place of the adapter's own. */
  public void setDropout(double share) {
    config = config.withDropout(share);
  }

  /** Returns the changes by the names of the linears that they change. */
  public Map<String, LowRank> changes() {
    return Collections.unmodifiableMap(changes);
  }

  /** Returns the fp32 head of a reward model (1, hidden); null for a language model. */
  public @Nullable NDArray head() {
    return head;
  }

  /** Returns a model with this adapter, as {@link DecoderLm#with(Map)}. */
  public DecoderLm on(DecoderLm base) {
    return base.with(changes, head);
  }

  /** Returns how many numbers the adapter has. */
  public long size() {
    return changes.values().stream().mapToLong(one -> one.a().size() + one.b().size()).sum()
        + (head == null ? 0 : head.size());
  }

  @Override
  public void close() {
    manager.close();
  }
}
