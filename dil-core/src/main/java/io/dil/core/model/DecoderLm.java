package io.dil.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchProgram;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A decoder whose family's TorchScript program runs layer by layer.
 *
 * <p>Memory: the weights, the program and the position tables belong to this model's manager and go
 * when it closes; everything else belongs to a pass or a session.
 */
public final class DecoderLm implements CausalLm {
  private final ModelSpec spec;
  private final NDManager manager;
  private final Kernels kernels;
  private final TorchProgram program;
  private final Precision precision;
  private final NDArray embedding;
  private final NDArray head;
  private final List<Map<String, NDArray>> layers = new ArrayList<>();
  // As `layers`, with what else a layer's program reads.
  private final List<Map<String, NDArray>> layerInputs = new ArrayList<>();
  private final Map<String, NDArray> finals;
  private final Map<String, Parameter> trained = new LinkedHashMap<>();
  private final IdentityHashMap<RotarySpec, RotaryTable> tables = new IdentityHashMap<>();
  // Of a model with an adapter, by the linears' names; such a model shares all else with its base.
  private final Map<String, LowRank> changes;
  // What stands before every prompt, computed once; null for nothing.
  private @Nullable CachedDecoding prefix;
  private int prefixSize;
  private int lowestTrained;
  private double dropout;

  private DecoderLm(ModelFolder folder, Device device, Precision precision, boolean asTorch) {
    this.spec = Architectures.read(folder);
    this.precision = precision;
    changes = Map.of();
    manager = NDManager.newBaseManager(device, "PyTorch");
    try {
      kernels = new Kernels(manager);
      program = DecoderProgram.compile(manager, spec, asTorch);
      Map<String, NDArray> weights = Weights.load(manager, kernels, folder, spec, precision);
      embedding = Objects.requireNonNull(weights.get(spec.embedding()));
      head = weights.getOrDefault(spec.head(), embedding);
      for (int i = 0; i < spec.layers(); i++) {
        layers.add(Weights.named(weights, spec.prefix(i), spec.layerWeights().keySet()));
        layerInputs.add(withWindow(layers.get(i), spec.attention().get(i).window()));
      }
      finals = Weights.named(weights, spec.finalPrefix(), spec.finalWeights().keySet());
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
    for (LayerAttention layer : spec.attention()) {
      tables.computeIfAbsent(layer.rotary(), rotary -> new RotaryTable(rotary, manager, program));
    }
  }

  private DecoderLm(DecoderLm base, Map<String, LowRank> changes) {
    spec = base.spec;
    precision = base.precision;
    manager = base.manager.newSubManager();
    kernels = base.kernels;
    program = base.program;
    embedding = base.embedding;
    head = base.head;
    layers.addAll(base.layers);
    finals = base.finals;
    tables.putAll(base.tables);
    this.changes = Map.copyOf(changes);
    for (int i = 0; i < spec.layers(); i++) {
      Map<String, NDArray> inputs = new LinkedHashMap<>(base.layerInputs.get(i));
      for (String name : spec.linears().keySet()) {
        LowRank change = changes.get(spec.prefix(i) + name);
        if (change != null) {
          inputs.put(name + LowRank.A, computed(change.a()));
          inputs.put(name + LowRank.B, computed(change.b()));
          inputs.put(name + ".lora_scale", manager.create((float) change.scale()));
        }
      }
      layerInputs.add(inputs);
    }
  }

  private DecoderLm(DecoderLm base, Tokens before) {
    spec = base.spec;
    precision = base.precision;
    manager = base.manager.newSubManager();
    kernels = base.kernels;
    program = base.program;
    embedding = base.embedding;
    head = base.head;
    layers.addAll(base.layers);
    finals = base.finals;
    tables.putAll(base.tables);
    changes = base.changes;
    prefixSize = before.size();
    CachedDecoding session = new CachedDecoding(base, 1, prefixSize);
    prefix = session;
    session.extend(List.of(before.requireBelow(spec.vocabSize())));
    for (int i = 0; i < spec.layers(); i++) {
      Map<String, NDArray> inputs = new LinkedHashMap<>(base.layerInputs.get(i));
      inputs.put("prefix.key", session.cached(i, "cache.key"));
      inputs.put("prefix.value", session.cached(i, "cache.value"));
      layerInputs.add(inputs);
    }
  }

  /** Returns whether the first tokens of a sequence are computed alike whatever follows them. */
  public boolean canStandBehind() {
    return prefix == null
        && spec.attention().stream().allMatch(layer -> layer.rotary().beyond() == null);
  }

  /**
   * Returns this model behind a text: every prompt that it scores follows {@code before}, which is
   * computed once. It shares everything with this model, which must outlive it, and only scores.
   *
   * @throws IllegalStateException if this model {@linkplain #canStandBehind cannot}
   */
  public DecoderLm behind(Tokens before) {
    if (!canStandBehind()) {
      throw new IllegalStateException("model must compute a prefix alike whatever follows it");
    }
    return new DecoderLm(this, before);
  }

  private NDArray computed(NDArray master) {
    return precision == Precision.FLOAT32
        ? master
        : kernels.cast(manager, master, precision.storage());
  }

  private Map<String, NDArray> withWindow(Map<String, NDArray> weights, int window) {
    if (window == LayerAttention.EVERYTHING) {
      return weights;
    }
    Map<String, NDArray> inputs = new LinkedHashMap<>(weights);
    // On the CPU, since the program reads it as a number.
    inputs.put("sliding_window", manager.newSubManager(Device.cpu()).create((long) window));
    return inputs;
  }

  /**
   * Loads a model that only scores and generates.
   *
   * @throws io.dil.core.InputException if the folder is malformed or its architecture is not known
   */
  public static DecoderLm load(ModelFolder folder, Device device, Precision precision) {
    return new DecoderLm(folder, device, precision, false);
  }

  /**
   * Loads a model whose attention takes the kernel that transformers takes for grouped heads, and
   * whose log-probabilities torch's {@code log_softmax}. It is slower than what {@link #load} takes
   * and not more exact, but it rounds alike: fp32 differs from itself by 1e-4 nats a sequence
   * between kernels, by 1e-3 over a large vocabulary, and a comparison should not show that.
   */
  public static DecoderLm loadToCompare(ModelFolder folder, Device device, Precision precision) {
    return new DecoderLm(folder, device, precision, true);
  }

  /** Makes every weight a parameter with an fp32 gradient and, in bfloat16, an fp32 master. */
  public DecoderLm trainAll() {
    return trainAll(StorageType.F32);
  }

  /**
   * Makes every weight a parameter with an fp32 gradient and no master: in bfloat16 the optimiser
   * updates the bfloat16 weight itself, and what is less than half of its last bit is lost.
   */
  public DecoderLm trainAllWithoutMasters() {
    return trainAll(precision.storage());
  }

  private DecoderLm trainAll(StorageType masters) {
    if (!changes.isEmpty()) {
      throw new IllegalStateException("a model with an adapter trains the adapter alone");
    }
    if (trained.isEmpty()) {
      weights()
          .forEach(
              (name, value) ->
                  train(
                      name,
                      value,
                      precision.storage() == masters
                          ? value
                          : kernels.cast(manager, value, masters),
                      masters));
    }
    return this;
  }

  /**
   * Returns this model with low-rank changes, the weights of which alone can be trained. It shares
   * everything with this model, which stays as it is and must outlive it: closing it frees what it
   * added, not this model. Several can stand beside each other.
   *
   * @param adapter a change by the name of its linear, which {@link #linears} lists
   */
  public DecoderLm with(Map<String, LowRank> adapter) {
    if (!changes.isEmpty() || !trained.isEmpty()) {
      throw new IllegalStateException("an adapter needs a frozen base without another adapter");
    }
    if (adapter.isEmpty() || !linears().keySet().containsAll(adapter.keySet())) {
      throw new IllegalArgumentException(
          "adapter must change linears of this model, got " + adapter.keySet());
    }
    return new DecoderLm(this, adapter);
  }

  /** Makes the adapter's matrices parameters; in bfloat16 the fp32 ones are the masters. */
  public DecoderLm trainAdapter() {
    return trainAdapter(0);
  }

  /**
   * As {@link #trainAdapter()}, with dropout in the passes that {@link ComputeOptions#dropout} asks
   * it of, and in no others.
   *
   * @param share p, the probability in [0, 1) that an input of the adapter is dropped
   */
  public DecoderLm trainAdapter(double share) {
    if (changes.isEmpty()) {
      throw new IllegalStateException("model has no adapter to train");
    }
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("dropout must be a number in [0, 1), got " + share);
    }
    if (trained.isEmpty()) {
      dropout = share;
      lowestTrained = spec.layers();
      for (int i = 0; i < spec.layers(); i++) {
        for (String name : spec.linears().keySet()) {
          LowRank change = changes.get(spec.prefix(i) + name);
          if (change != null) {
            lowestTrained = Math.min(lowestTrained, i);
            train(i, name + LowRank.A, change.a());
            train(i, name + LowRank.B, change.b());
            if (share > 0) {
              int inputs = Math.toIntExact(change.a().getShape().get(1));
              int[] columns = Dropout.columns(spec.prefix(i) + name, inputs);
              layerInputs.get(i).put(name + ".lora_columns", manager.create(columns));
            }
          }
        }
      }
    }
    return this;
  }

  private void train(int layer, String name, NDArray master) {
    train(
        spec.prefix(layer) + name,
        layerInputs.get(layer).getOrDefault(name, master),
        master,
        StorageType.F32);
  }

  private void train(String name, NDArray value, NDArray master, StorageType type) {
    value.setRequiresGradient(true);
    trained.put(name, new Parameter(name, value, master, type, Kernels.zerosLike(manager, value)));
  }

  /** Returns the shape (out, in) of every linear that an adapter can change: all but the head. */
  public Map<String, List<Long>> linears() {
    Map<String, List<Long>> all = new LinkedHashMap<>();
    for (int i = 0; i < spec.layers(); i++) {
      String prefix = spec.prefix(i);
      spec.linears().forEach((name, shape) -> all.put(prefix + name, shape));
    }
    return all;
  }

  /** Returns the adapter's changes by the names of their linears; empty without an adapter. */
  public Map<String, LowRank> changes() {
    return changes;
  }

  /** Returns what the model's configuration says. */
  public ModelSpec spec() {
    return spec;
  }

  @Override
  public int vocabSize() {
    return spec.vocabSize();
  }

  /** Returns the type in which this model computes. */
  public Precision precision() {
    return precision;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  @Override
  public List<Parameter> parameters() {
    return List.copyOf(trained.values());
  }

  /** Returns every weight by its name in the checkpoint, without an adapter's changes. */
  public Map<String, NDArray> weights() {
    Map<String, NDArray> all = new LinkedHashMap<>();
    all.put(spec.embedding(), embedding);
    for (int i = 0; i < layers.size(); i++) {
      String prefix = spec.prefix(i);
      layers.get(i).forEach((name, value) -> all.put(prefix + name, value));
    }
    finals.forEach((name, value) -> all.put(spec.finalPrefix() + name, value));
    if (!spec.tied()) {
      all.put(spec.head(), head);
    }
    return all;
  }

  @Override
  public Pass inference(List<TokenGroup> groups, ComputeOptions options) {
    TokenBatch batch = TokenBatch.of(groups, options.sharing(), spec);
    return new DecoderPass(this, prefix == null ? batch : batch.behind(prefixSize), options, false);
  }

  @Override
  public Pass forward(List<TokenGroup> groups, ComputeOptions options) {
    if (trained.isEmpty()) {
      throw new IllegalStateException(
          "model has no parameters to train; call trainAll or trainAdapter first");
    }
    TokenBatch batch = TokenBatch.of(groups, options.sharing(), spec);
    return new DecoderPass(this, batch, options, true);
  }

  @Override
  public DecodingSession decode(int sequences, int maxLength) {
    if (prefix != null) {
      throw new IllegalStateException("a model behind a prefix only scores");
    }
    return new CachedDecoding(this, sequences, maxLength);
  }

  TorchProgram program() {
    return program;
  }

  NDArray embedding() {
    return embedding;
  }

  NDArray head() {
    return head;
  }

  Map<String, NDArray> layer(int index) {
    return layerInputs.get(index);
  }

  /** Returns the probability that a training pass drops an input of the adapter. */
  double dropout() {
    return dropout;
  }

  /** Returns the lowest layer that a gradient must reach. */
  int lowestTrained() {
    return lowestTrained;
  }

  Map<String, NDArray> finals() {
    return finals;
  }

  /** Returns the gradients of the trained weights among {@code names} behind {@code prefix}. */
  Map<String, NDArray> gradients(String prefix, Map<String, NDArray> names) {
    Map<String, NDArray> gradients = new LinkedHashMap<>();
    for (String name : names.keySet()) {
      Parameter parameter = trained.get(prefix + name);
      if (parameter != null) {
        gradients.put(name, parameter.gradient());
      }
    }
    return gradients;
  }

  /**
   * Returns for every layer {@code {cos, sin}}, each (N, r), of tokens at {@code positions} in
   * sequences of {@code lengths}; layers that turn alike share them.
   */
  List<NDArray[]> rotary(NDManager owner, long[] positions, long[] lengths) {
    IdentityHashMap<RotarySpec, NDArray[]> made = new IdentityHashMap<>();
    tables.forEach(
        (rotary, table) -> made.put(rotary, table.rows(owner, positions, lengths, embedding)));
    List<NDArray[]> all = new ArrayList<>();
    for (LayerAttention layer : spec.attention()) {
      all.add(made.getOrDefault(layer.rotary(), new NDArray[0]));
    }
    return all;
  }

  @Override
  public void close() {
    if (prefix != null) {
      prefix.close();
    } else if (changes.isEmpty()) {
      program.close();
      kernels.close();
    }
    manager.close();
  }
}
