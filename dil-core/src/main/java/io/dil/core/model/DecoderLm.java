package io.dil.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchProgram;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
  private final Sharding sharding;
  private final DecoderWeights weights;
  private final RotaryTables tables;
  // Of a model with an adapter, by the linears' names; such a model shares all else with its base.
  private final Map<String, LowRank> changes;
  private @Nullable NDArray head;
  private TrainedWeights trained;
  // What stands before every prompt, computed once; null for nothing.
  private @Nullable CachedDecoding prefix;
  private int prefixSize;
  private int lowestTrained;
  private final PassRoom room = new PassRoom();
  private double dropout;

  private DecoderLm(
      ModelFolder folder,
      ModelSpec spec,
      Device device,
      Precision precision,
      Sharding sharding,
      boolean hosted,
      boolean asTorch,
      @Nullable Long headSeed) {
    this.spec = spec;
    this.precision = precision;
    this.sharding = sharding;
    changes = Map.of();
    manager = NDManager.newBaseManager(device, "PyTorch");
    try {
      kernels = new Kernels(manager);
      program = DecoderProgram.compile(manager, spec, asTorch);
      weights =
          new DecoderWeights(spec, manager, kernels, folder, precision, sharding, hosted, headSeed);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
    trained = new TrainedWeights(manager, kernels, sharding, TrainingState.FP32);
    tables = new RotaryTables(spec, manager, kernels, program, precision.storage());
  }

  /** Shares everything with {@code base}, which stays as it is. */
  private DecoderLm(DecoderLm base, Map<String, LowRank> changes) {
    spec = base.spec;
    precision = base.precision;
    sharding = base.sharding;
    manager = base.manager.newSubManager();
    kernels = base.kernels;
    program = base.program;
    weights = new DecoderWeights(base.weights, manager);
    tables = base.tables;
    trained = new TrainedWeights(manager, kernels, sharding, TrainingState.FP32);
    this.changes = Map.copyOf(changes);
  }

  /** Returns whether the first tokens of a sequence are computed alike whatever follows them. */
  public boolean canStandBehind() {
    return prefix == null
        && !spec.isReward()
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
    DecoderLm model = new DecoderLm(this, changes);
    CachedDecoding session = new CachedDecoding(this, 1, before.size());
    session.extend(List.of(before.requireBelow(spec.vocabSize())));
    for (int i = 0; i < spec.layers(); i++) {
      model.weights.put(i, "prefix.key", session.cached(i, "cache.key"));
      model.weights.put(i, "prefix.value", session.cached(i, "cache.value"));
    }
    model.prefixSize = before.size();
    model.prefix = session;
    return model;
  }

  /**
   * Loads a model that only scores and generates.
   *
   * @throws io.dil.core.InputException if the folder is malformed or its architecture is not known
   */
  public static DecoderLm load(ModelFolder folder, Device device, Precision precision) {
    return load(folder, device, precision, Sharding.NONE);
  }

  /**
   * Loads a model that several ranks hold together, each by a call of its own; the rest as for
   * {@link #load(ModelFolder, Device, Precision)}.
   */
  public static DecoderLm load(
      ModelFolder folder, Device device, Precision precision, Sharding sharding) {
    return open(folder, device, precision, sharding, false, false);
  }

  /**
   * Loads a model that only scores and leaves its weights where its file is mapped: a layer at a
   * time is copied to the device while it is computed.
   */
  public static DecoderLm loadHosted(ModelFolder folder, Device device, Precision precision) {
    return open(folder, device, precision, Sharding.NONE, true, false);
  }

  /**
   * Loads a model whose attention takes the kernel that transformers takes for grouped heads, and
   * whose log-probabilities torch's {@code log_softmax}. It is slower than what {@link #load} takes
   * and not more exact, but it rounds alike: fp32 differs from itself by 1e-4 nats a sequence
   * between kernels, by 1e-3 over a large vocabulary, and a comparison should not show that.
   */
  public static DecoderLm loadToCompare(ModelFolder folder, Device device, Precision precision) {
    return open(folder, device, precision, Sharding.NONE, false, true);
  }

  private static DecoderLm open(
      ModelFolder folder,
      Device device,
      Precision precision,
      Sharding sharding,
      boolean hosted,
      boolean asTorch) {
    ModelSpec spec = Architectures.read(folder);
    return new DecoderLm(folder, spec, device, precision, sharding, hosted, asTorch, null);
  }

  /**
   * Loads a reward model: what a folder of one holds, or a language model's layers under a head
   * that is drawn.
   *
   * @param compare as {@link #loadToCompare}
   */
  public static DecoderLm loadReward(
      ModelFolder folder,
      RewardStart start,
      Device device,
      Precision precision,
      Sharding sharding,
      boolean compare) {
    ModelSpec spec = Architectures.reward(folder, start.padToken());
    return new DecoderLm(folder, spec, device, precision, sharding, false, compare, start.seed());
  }

  /** Makes every weight a parameter with an fp32 gradient and, in bfloat16, an fp32 master. */
  public DecoderLm trainAll() {
    return trainAll(TrainingState.FP32);
  }

  /**
   * Makes every weight a parameter. Without masters of more bits the optimiser updates a bfloat16
   * weight itself, and what is less than half of its last bit is lost.
   */
  public DecoderLm trainAll(TrainingState state) {
    if (!changes.isEmpty()) {
      throw new IllegalStateException("a model with an adapter trains the adapter alone");
    }
    if (trained.isEmpty()) {
      trained = new TrainedWeights(manager, kernels, sharding, state);
      weights
          .stored()
          .forEach(
              (name, value) ->
                  trained.add(
                      name,
                      weights.shape(name),
                      value,
                      value,
                      precision.storage(),
                      state.masters(),
                      weights.inParts(name)));
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
    return with(adapter, null);
  }

  /**
   * As {@link #with(Map)}, for a reward model with a head of the adapter's own, which is trained
   * with it.
   *
   * @param head the fp32 weight (1, hidden); null for the base's, which stays as it is
   */
  public DecoderLm with(Map<String, LowRank> adapter, @Nullable NDArray head) {
    if (!changes.isEmpty() || !trained.isEmpty()) {
      throw new IllegalStateException("an adapter needs a frozen base without another adapter");
    }
    if (adapter.isEmpty() || !linears().keySet().containsAll(adapter.keySet())) {
      throw new IllegalArgumentException(
          "adapter must change linears of this model, got " + adapter.keySet());
    }
    DecoderLm model = new DecoderLm(this, adapter);
    model.weights.adapt(adapter, head);
    model.head = head;
    return model;
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
      lowestTrained = AdapterTraining.begin(this, head, share > 0);
    }
    return this;
  }

  /** Returns the shape (out, in) of every linear that an adapter can change: all but the head. */
  public Map<String, List<Long>> linears() {
    return spec.adaptable();
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
    return trained.list();
  }

  /**
   * Returns every weight by its name in the checkpoint, without an adapter's changes: whole, or
   * this rank's share.
   */
  public Map<String, NDArray> weights() {
    return Collections.unmodifiableMap(weights.stored());
  }

  /** Returns what of this model ranks hold in parts. */
  public Sharding sharding() {
    return sharding;
  }

  @Override
  public void refresh() {
    trained.refresh();
  }

  @Override
  public void accompany(boolean backward) {
    new IdlePass(this).run(backward);
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
  public boolean writesText() {
    return !spec.isReward();
  }

  @Override
  public DecodingSession decode(int sequences, int maxLength) {
    if (prefix != null || spec.isReward()) {
      throw new IllegalStateException("a reward model, or one behind a prefix, only scores");
    }
    return new CachedDecoding(this, sequences, maxLength);
  }

  TorchProgram program() {
    return program;
  }

  /** Returns the arrays that the parts of this model compute with. */
  DecoderWeights parts() {
    return weights;
  }

  /** Returns the weights that are trained. */
  TrainedWeights trained() {
    return trained;
  }

  /** Returns whether the activations of a pass fit into memory, see {@link PassRoom}. */
  boolean fits(TokenBatch batch, ComputeOptions options) {
    return room.fits(this, batch, options);
  }

  /** Returns the probability that a training pass drops an input of the adapter. */
  double dropout() {
    return dropout;
  }

  /** Returns the lowest layer that a gradient must reach. */
  int lowestTrained() {
    return lowestTrained;
  }

  /** Returns the tables of this model's positions. */
  RotaryTables rotary() {
    return tables;
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
