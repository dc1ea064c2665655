package io.dil.train.plan;

import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.PassMemory;
import io.dil.core.model.Precision;
import io.dil.core.model.Recompute;
import io.dil.core.model.lora.LoraTargets;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory of one device in a run, by what it is for, and how the run is computed within it.
 *
 * @param bytes what is there, by kind
 * @param passTokens the most tokens that are computed at once
 * @param recompute whether layers run again in the backward pass
 * @param capacity the bytes that the device may use; 0 where that is not known
 */
public record MemoryPlan(Map<Kind, Long> bytes, long passTokens, boolean recompute, long capacity) {
  /** The share of a card's memory that a plan fills; the rest is the driver's and fragments. */
  public static final double SHARE = 0.95;

  /** Smaller passes than this leave a card idle; a plan that needs them does not fit. */
  private static final long LEAST_TOKENS = 2048;

  /** What memory is for. */
  public enum Kind {
    /** What the model computes with. */
    WEIGHTS,
    /** fp32 copies of 16-bit weights. */
    MASTERS,
    /** The optimiser's two moments. */
    MOMENTS,
    /** Sums of gradients. */
    GRADIENTS,
    /** The reference's weights. */
    REFERENCE,
    /** What layers keep for the backward pass. */
    ACTIVATIONS,
    /** Scored hidden states and tiles of logits. */
    HEAD,
    /** What comes and goes while a layer goes back. */
    WORKSPACE
  }

  /**
   * What a plan is made for.
   *
   * @param spec the model
   * @param adapterWeights the weights of an adapter; 0 where the whole model is trained
   * @param ranks the devices that share the run
   * @param gpu whether they are GPUs
   * @param capacity bytes of one; 0 where that is not known
   * @param passTokens the most tokens of a pass that are asked for
   * @param needsReference whether the loss does
   */
  public record Case(
      ModelSpec spec,
      long adapterWeights,
      int ranks,
      boolean gpu,
      long capacity,
      long passTokens,
      boolean needsReference) {}

  /**
   * Plans a run: activations are kept where they fit; where even recomputing does not fit, passes
   * are halved, unless the settings say how large they are.
   */
  public static MemoryPlan of(TrainingConfig config, Case run) {
    long room = (long) (run.capacity() * SHARE);
    // An example is a pass at least.
    long longest = 2L * config.get(Settings.MAX_LENGTH);
    long most =
        Math.min(Math.max(run.passTokens(), longest), longest * config.get(Settings.BATCH_SIZE));
    MemoryPlan last = count(config, run, most, true);
    for (long tokens = most; ; tokens = Math.max(longest, tokens / 2)) {
      for (boolean recompute : choices(config, run)) {
        MemoryPlan plan = count(config, run, tokens, recompute);
        last = plan;
        if (run.capacity() == 0 || plan.total() <= room) {
          return plan;
        }
      }
      boolean fixed = config.get(Settings.PASS_TOKENS) > 0;
      if (fixed || tokens <= longest || tokens / 2 < LEAST_TOKENS) {
        return last;
      }
    }
  }

  private static List<Boolean> choices(TrainingConfig config, Case run) {
    // Weights that are brought together for a layer are not kept for its graph.
    if (run.ranks() > 1 && config.get(DeviceSettings.ZERO_STAGE) == 3) {
      return List.of(true);
    }
    Recompute wish = config.get(DeviceSettings.CHECKPOINTING);
    return wish == Recompute.AUTO ? List.of(false, true) : List.of(wish == Recompute.ALWAYS);
  }

  private static MemoryPlan count(TrainingConfig config, Case run, long tokens, boolean recompute) {
    ModelSpec spec = run.spec();
    Precision precision = config.get(DeviceSettings.BF16) ? Precision.BFLOAT16 : Precision.FLOAT32;
    long b = precision.storage().bytes();
    long weights = spec.weightsInAll();
    boolean whole = run.adapterWeights() == 0;
    long trained = whole ? weights : run.adapterWeights();
    boolean parts = run.ranks() > 1 && config.get(DeviceSettings.ZERO_STAGE) == 3;
    long held = parts ? weights / run.ranks() : weights;
    // Of what is brought together, one layer is there at a time, and a table at the ends.
    long largest = Math.max(spec.weightsPerLayer(), spec.weightsOfTable()) * b;
    long gathered = parts ? largest : 0;
    boolean masters =
        whole && precision == Precision.BFLOAT16 && !config.get(DeviceSettings.PURE_BF16);
    StorageType state = whole && !masters ? precision.storage() : StorageType.F32;
    long own = trained / run.ranks();
    boolean offload = config.get(DeviceSettings.OFFLOAD_OPTIMIZER);
    Map<Kind, Long> bytes = new LinkedHashMap<>();
    bytes.put(Kind.WEIGHTS, held * b + (whole ? 0 : trained * (b + 4)));
    bytes.put(Kind.MASTERS, masters && !offload ? 4 * own : 0);
    bytes.put(Kind.MOMENTS, offload ? 0 : config.optimizer().momentBytes(own, state));
    bytes.put(Kind.GRADIENTS, own * config.get(DeviceSettings.GRADIENT_TYPE).storage().bytes());
    boolean separate =
        run.needsReference()
            && !config.get(Settings.PRECOMPUTE_REFERENCE)
            && (whole || !config.get(Settings.REF_MODEL).isEmpty());
    boolean hosted = config.get(DeviceSettings.OFFLOAD_REFERENCE);
    bytes.put(Kind.REFERENCE, !separate ? 0 : hosted ? largest : held * b);
    // Rarely are more than three of four tokens scored; a prompt is computed but not scored. Of a
    // pair a reward model pools two.
    long scored = spec.isReward() ? 2L * config.get(Settings.BATCH_SIZE) : tokens * 3 / 4;
    ComputeOptions options =
        run.gpu()
            ? ComputeOptions.DEFAULT.withHeadBytes(ComputeOptions.HEAD_BYTES_OF_GPU)
            : ComputeOptions.DEFAULT;
    PassMemory pass =
        PassMemory.of(spec, precision, options, recompute, tokens, scored, whole, run.ranks() > 1);
    bytes.put(Kind.ACTIVATIONS, pass.checkpoints() + pass.layers());
    bytes.put(Kind.HEAD, pass.head() + pass.table());
    bytes.put(Kind.WORKSPACE, pass.workspace() + gathered);
    // The head's moment and the layers' are two: what is there at once is the larger.
    long together =
        pass.checkpoints() + pass.layers() + pass.head() + pass.table() + pass.workspace();
    bytes.merge(Kind.WORKSPACE, pass.peak() - together, Long::sum);
    long less = of(bytes, Kind.WORKSPACE);
    if (less < 0) {
      bytes.merge(Kind.HEAD, less, Long::sum);
      bytes.put(Kind.WORKSPACE, 0L);
    }
    return new MemoryPlan(bytes, tokens, recompute, run.capacity());
  }

  /** Returns the bytes at the fullest moment. */
  public long total() {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns whether it fits, where the capacity is known. */
  public boolean fits() {
    return capacity == 0 || total() <= capacity * SHARE;
  }

  /** Returns what to change so that it fits, most effective first. */
  public List<String> advice(TrainingConfig config, Case run) {
    List<String> advice = new ArrayList<>();
    if (passTokens <= 2L * config.get(Settings.MAX_LENGTH)) {
      // A pass is one example, and cannot be smaller.
      advice.add("a smaller max_length");
    }
    if (!config.get(DeviceSettings.BF16)) {
      advice.add("bf16=true");
    }
    if (of(bytes, Kind.REFERENCE) > 0) {
      advice.add("precompute_ref_log_probs=true");
      if (!config.get(DeviceSettings.OFFLOAD_REFERENCE)) {
        advice.add("offload_reference=true");
      }
    }
    if (of(bytes, Kind.MOMENTS) > 0 && !config.get(Settings.USE_PEFT)) {
      advice.add("optim=adamw_8bit");
      advice.add("offload_optimizer=true");
    }
    if (of(bytes, Kind.GRADIENTS) > 0
        && config.get(DeviceSettings.GRADIENT_TYPE).storage().bytes() > 2) {
      advice.add("gradient_dtype=bfloat16");
    }
    if (config.get(Settings.PASS_TOKENS) > 0) {
      advice.add("a smaller max_tokens_per_pass");
    }
    if (!recompute) {
      advice.add("gradient_checkpointing=true");
    }
    if (run.ranks() > 1 && config.get(DeviceSettings.ZERO_STAGE) < 3) {
      advice.add("zero_stage=3");
    }
    advice.add("more devices");
    if (!config.get(Settings.USE_PEFT)) {
      advice.add("use_peft=true");
    }
    return advice;
  }

  /** Returns the number of weights of the adapter that the settings ask for; 0 for none. */
  static long adapterWeights(TrainingConfig config, ModelSpec spec) {
    if (!config.get(Settings.USE_PEFT)) {
      return 0;
    }
    Map<String, List<Long>> linears = spec.adaptable();
    long head = spec.isReward() ? spec.hiddenSize() : 0;
    return head
        + LoraTargets.select(linears.keySet(), config.get(Settings.LORA_TARGETS)).stream()
            .map(linears::get)
            .mapToLong(shape -> config.get(Settings.LORA_R) * (shape.get(0) + shape.get(1)))
            .sum();
  }

  private static long of(Map<Kind, Long> bytes, Kind kind) {
    return bytes.getOrDefault(kind, 0L);
  }
}
