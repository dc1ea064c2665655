package io.dil.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's weights by the part that computes with them: embedding, layers, final norm, head.
 *
 * <p>Where several ranks hold them in parts, {@link #layer}, {@link #embedding} and {@link #head}
 * bring a part together, which every rank must do at the same time; the final norm and the head of
 * a reward model are always whole.
 */
final class DecoderWeights {
  /** The name of a single array that is open. */
  static final String WEIGHT = "weight";

  private final ModelSpec spec;
  private final NDManager manager;
  private final Kernels kernels;
  private final Precision precision;
  private final Sharding sharding;
  private final boolean hosted;
  private final Map<String, List<Long>> shapes;
  private final Map<String, NDArray> stored;
  private final List<Map<String, NDArray>> layers = new ArrayList<>();
  // As `layers`, with what else a layer's program reads.
  private final List<Map<String, NDArray>> inputs = new ArrayList<>();
  // What an adapter has in place of the base's head; null for none.
  private @Nullable NDArray ownHead;

  /**
   * Loads a folder's weights, or this rank's share of them.
   *
   * @param hosted whether they stay where the file is mapped, and a part is copied to the device
   *     while it is computed
   * @param seed of the draws that the head of a reward model begins with where the folder has none
   */
  DecoderWeights(
      ModelSpec spec,
      NDManager manager,
      Kernels kernels,
      ModelFolder folder,
      Precision precision,
      Sharding sharding,
      boolean hosted,
      @Nullable Long seed) {
    this.hosted = hosted;
    this.spec = spec;
    this.manager = manager;
    this.kernels = kernels;
    this.precision = precision;
    this.sharding = sharding;
    shapes = spec.allWeights();
    stored =
        Weights.load(manager, kernels, folder, spec, precision, sharding, hosted, seed != null);
    if (seed != null && !stored.containsKey(spec.head())) {
      stored.put(spec.head(), drawn(folder, seed));
    }
    for (int i = 0; i < spec.layers(); i++) {
      layers.add(Weights.named(stored, spec.prefix(i), spec.layerWeights().keySet()));
      inputs.add(withWindow(layers.get(i), spec.attention().get(i).window()));
    }
  }

  private NDArray drawn(ModelFolder folder, long seed) {
    ModelConfig config = new ModelConfig(folder.path() + "/config.json", folder.config());
    float[] draws = RewardHead.draw(config, spec.hiddenSize(), seed);
    // Cast or copied, since what is made of Java's numbers lies in Java's memory.
    try (NDArray made = manager.create(draws, new Shape(1, draws.length))) {
      NDArray own = precision == Precision.FLOAT32 ? made.duplicate() : computed(made);
      own.attach(manager);
      return own;
    }
  }

  /** Shares everything with {@code base}; an adapter adds to what the layers read. */
  DecoderWeights(DecoderWeights base, NDManager manager) {
    spec = base.spec;
    this.manager = manager;
    kernels = base.kernels;
    precision = base.precision;
    sharding = base.sharding;
    hosted = base.hosted;
    shapes = base.shapes;
    stored = base.stored;
    layers.addAll(base.layers);
    base.inputs.forEach(one -> inputs.add(new LinkedHashMap<>(one)));
    ownHead = base.ownHead;
  }

  private Map<String, NDArray> withWindow(Map<String, NDArray> weights, int window) {
    Map<String, NDArray> all = new LinkedHashMap<>(weights);
    if (window != LayerAttention.EVERYTHING) {
      // On the CPU, since the program reads it as a number.
      all.put("sliding_window", manager.newSubManager(Device.cpu()).create((long) window));
    }
    return all;
  }

  /**
   * Adds an adapter's matrices, in the type that the model computes in.
   *
   * @param head the adapter's own fp32 head of a reward model; null where it has none
   */
  void adapt(Map<String, LowRank> changes, @Nullable NDArray head) {
    ownHead = head == null ? null : computed(head);
    for (int i = 0; i < spec.layers(); i++) {
      for (String name : spec.linears().keySet()) {
        LowRank change = changes.get(spec.prefix(i) + name);
        if (change != null) {
          put(i, name + LowRank.A, computed(change.a()));
          put(i, name + LowRank.B, computed(change.b()));
          put(i, name + ".lora_scale", manager.create((float) change.scale()));
        }
      }
    }
  }

  private NDArray computed(NDArray master) {
    return precision == Precision.FLOAT32
        ? master
        : kernels.cast(manager, master, precision.storage());
  }

  /** Adds an array that a layer's program reads beside its weights. */
  void put(int layer, String name, NDArray array) {
    inputs.get(layer).put(name, array);
  }

  /** Returns what was put beside a layer's weights, or else {@code fallback}. */
  NDArray extra(int layer, String name, NDArray fallback) {
    return inputs.get(layer).getOrDefault(name, fallback);
  }

  /** Returns whether {@link PackedWeights} are of use: for fp32 on a processor, whole in memory. */
  boolean canBePacked() {
    return precision == Precision.FLOAT32 && !inParts() && !hosted && !manager.getDevice().isGpu();
  }

  /** Returns whether this rank holds its share of the weights alone. */
  boolean inParts() {
    return sharding.ofWeights();
  }

  /** Returns whether this rank holds its share of a weight alone. */
  boolean inParts(String name) {
    return inParts() && !spec.isFinal(name);
  }

  /** Returns every array by its name in the checkpoint: whole, or this rank's share. */
  Map<String, NDArray> stored() {
    return stored;
  }

  /**
   * Returns what a layer computes with.
   *
   * @param trained the names of weights that a gradient is taken for
   */
  WholeWeights layer(int index, Iterable<String> trained) {
    if (!inParts() && !hosted) {
      return new WholeWeights(inputs.get(index), null);
    }
    String prefix = spec.prefix(index);
    NDManager scope = manager.newSubManager();
    Map<String, NDArray> all = new LinkedHashMap<>(inputs.get(index));
    all.putAll(whole(scope, prefix, layers.get(index)));
    for (String name : trained) {
      if (layers.get(index).containsKey(name)) {
        Objects.requireNonNull(all.get(name)).setRequiresGradient(true);
      }
    }
    return new WholeWeights(all, scope);
  }

  /** Returns the table of embeddings under the name {@code weight}. */
  WholeWeights embedding() {
    return table(spec.embedding());
  }

  /** Returns the head's weight under the name {@code weight}. */
  WholeWeights head() {
    if (spec.isReward()) {
      return new WholeWeights(Map.of(WEIGHT, scalarHead()), null);
    }
    return table(spec.tied() ? spec.embedding() : spec.head());
  }

  /** Returns the weight of a reward model's head, an adapter's own where it has one. */
  NDArray scalarHead() {
    return ownHead == null ? Objects.requireNonNull(stored.get(spec.head())) : ownHead;
  }

  private WholeWeights table(String name) {
    NDArray table = Objects.requireNonNull(stored.get(name));
    if (!inParts() && !hosted) {
      return new WholeWeights(Map.of(WEIGHT, table), null);
    }
    NDManager scope = manager.newSubManager();
    NDArray whole = whole(scope, "", Map.of(name, table)).get(name);
    return new WholeWeights(Map.of(WEIGHT, Objects.requireNonNull(whole)), scope);
  }

  private Map<String, NDArray> whole(NDManager scope, String prefix, Map<String, NDArray> shares) {
    Map<String, NDArray> wholes = new LinkedHashMap<>();
    if (hosted) {
      shares.forEach(
          (name, array) -> wholes.put(name, kernels.cast(scope, array, precision.storage())));
      return wholes;
    }
    shares.forEach(
        (name, share) ->
            wholes.put(name, kernels.empty(scope, shape(prefix + name), precision.storage())));
    sharding.group().allGather(List.copyOf(shares.values()), List.copyOf(wholes.values()));
    return wholes;
  }

  /** Returns the whole shape of a weight by its name in the checkpoint. */
  List<Long> shape(String name) {
    // A tied head may go out under its own name, which is not one of the weights.
    return Objects.requireNonNull(shapes.get(shapes.containsKey(name) ? name : spec.embedding()));
  }

  /** Returns the weights after the last layer. */
  Map<String, NDArray> finals() {
    return Weights.named(stored, spec.finalPrefix(), spec.finalWeights().keySet());
  }

  /** Returns one of {@link #stored} as a tensor to write, whole. */
  SafetensorsWriter.Tensor tensor(String name, NDArray array) {
    boolean parts = inParts(name);
    return new SafetensorsWriter.Tensor(
        name,
        precision.storage(),
        parts ? shape(name) : Kernels.shape(array),
        sink -> write(array, parts, sink));
  }

  private void write(NDArray array, boolean parts, SafetensorsWriter.Sink sink) throws IOException {
    if (parts) {
      sharding.group().collect(array, sink);
    } else {
      kernels.bytes(array, sink);
    }
  }

  /** Returns an array of {@link #stored}, whole until it is closed. */
  WholeWeights open(String name, NDArray array) {
    return inParts() ? table(name) : new WholeWeights(Map.of(WEIGHT, array), null);
  }
}
