package io.dil.train.config;

import io.dil.core.model.PromptSharing;
import io.dil.core.model.lora.LoraConfig;
import io.dil.core.model.lora.LoraTargets;
import io.dil.data.stream.DataConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The keys of a run's configuration: the one list. Names are those of TRL and alignment-handbook;
 * the parameters of the loss are keys too, and {@code dil loss --list} has them.
 */
public final class Settings {
  private static final double UNBOUNDED = Double.MAX_VALUE;

  /** Where the model is. */
  public static final Setting<String> MODEL =
      Setting.text(
          "model_name_or_path", "", "folder: config.json, safetensors or model.pt, tokenizer");

  /** Where the reference is. */
  public static final Setting<String> REF_MODEL =
      Setting.text(
          "ref_model_name_or_path", "", "reference model folder (default: the model itself)");

  /** Whether TorchScript may be run. */
  public static final Setting<Boolean> TRUST_TORCHSCRIPT =
      Setting.flag("trust_torchscript", false, "run a model.pt, which is its maker's program")
          .resumable();

  /** What to train on. */
  public static final Setting<List<String>> DATASET =
      Setting.texts("dataset_name", "training data, FORMAT:PLACE, or a list of them");

  /** A weighted mix to train on. */
  public static final Setting<Map<String, Double>> DATASET_MIXER =
      Setting.weights("dataset_mixer", "training data with weights, a map of FORMAT:PLACE: weight");

  /** What to evaluate on. */
  public static final Setting<List<String>> EVAL_DATASET =
      Setting.texts("eval_dataset_name", "held-out data, FORMAT:PLACE, or a list of them");

  /** The share of prompts that is held out. */
  public static final Setting<Double> EVAL_HOLDOUT =
      Setting.number(
          "eval_holdout",
          0,
          0,
          0.9,
          "share of the training prompts held out, by a stable hash (default 0: none)");

  /** Where everything is written. */
  public static final Setting<String> OUTPUT_DIR =
      Setting.text("output_dir", "", "folder that the run writes to").resumable();

  /** The objective. */
  public static final Setting<String> LOSS_TYPE =
      Setting.joined(
          "loss_type",
          "dil-lsif",
          "loss, see 'dil loss --list' (paper, eq. 24); a list is a mixture by loss_weights (TRL)");

  /** The step size. */
  public static final Setting<Double> LEARNING_RATE =
      Setting.number("learning_rate", 1e-6, 0, UNBOUNDED, "peak learning rate (paper, B.3; TRL)");

  /** Pairs of a micro-batch. */
  public static final Setting<Integer> BATCH_SIZE =
      Setting.integer("per_device_train_batch_size", 8, 1, "examples computed at once (TRL)");

  /** Tokens of a pass. */
  public static final Setting<Integer> PASS_TOKENS =
      Setting.integer(
              "max_tokens_per_pass",
              0,
              0,
              "a micro-batch with more tokens is computed in parts; 0: what keeps the device busy")
          .resumable();

  /** Micro-batches of a step. */
  public static final Setting<Integer> ACCUMULATION =
      Setting.integer("gradient_accumulation_steps", 1, 1, "micro-batches a step (TRL)");

  /** Pairs of an evaluation's micro-batch. */
  public static final Setting<Integer> EVAL_BATCH_SIZE =
      Setting.integer("per_device_eval_batch_size", 8, 1, "examples scored at once (TRL)")
          .resumable();

  /** How often the data is gone through. */
  public static final Setting<Double> EPOCHS =
      Setting.number("num_train_epochs", 1, 0.001, 10_000, "passes over the data (paper, B.3)");

  /** The number of steps. */
  public static final Setting<Integer> MAX_STEPS =
      Setting.integer("max_steps", 0, 0, "optimiser steps; above 0 it replaces num_train_epochs");

  /** The longest sequence. */
  public static final Setting<Integer> MAX_LENGTH =
      Setting.integer("max_length", 1024, 2, "tokens of prompt and response together (TRL)");

  /** The longest prompt. */
  public static final Setting<Integer> MAX_PROMPT_LENGTH =
      Setting.integer("max_prompt_length", 512, 1, "tokens of the prompt; its start is cut (TRL)");

  /** The seed. */
  public static final Setting<Integer> SEED =
      Setting.integer(
          "seed",
          (int) DataConfig.DEFAULT_SEED,
          0,
          "of the data's order, of an adapter's start and dropout, of a reward head (TRL)");

  /** Whether an adapter is trained. */
  public static final Setting<Boolean> USE_PEFT =
      Setting.flag("use_peft", false, "train a LoRA adapter and leave the model as it is (TRL)");

  /** The rank of an adapter. */
  public static final Setting<Integer> LORA_R =
      Setting.integer("lora_r", 16, 1, "rank of the adapter (TRL)");

  /** The factor of an adapter. */
  public static final Setting<Double> LORA_ALPHA =
      Setting.number(
          "lora_alpha",
          32,
          Double.MIN_VALUE,
          LoraConfig.LARGEST_ALPHA,
          "the change is scaled by lora_alpha / lora_r (TRL)");

  /** What an adapter changes. */
  public static final Setting<List<String>> LORA_TARGETS =
      new Setting<>(
          "lora_target_modules",
          List.of(LoraTargets.ALL),
          true,
          "linears by name, by regular expression, or all-linear: all but the head (PEFT)",
          Setting::parseTexts);

  /** How the scale depends on the rank. */
  public static final Setting<Boolean> USE_RSLORA =
      Setting.flag("use_rslora", false, "scale by lora_alpha / sqrt(lora_r) (TRL)");

  /** The dropout of an adapter. */
  public static final Setting<Double> LORA_DROPOUT =
      Setting.number(
          "lora_dropout", 0, 0, 0.99, "share of an adapter's inputs that a step drops (PEFT)");

  /** The adapter to go on from. */
  public static final Setting<String> ADAPTER =
      Setting.text(
          "adapter_name_or_path", "", "adapter folder to go on from; it is the reference too");

  /** Whether the merged model is written. */
  public static final Setting<Boolean> MERGE_ADAPTER =
      Setting.flag("merge_adapter", false, "write the merged model too, to output_dir/merged")
          .resumable();

  /** Whether the reference is scored beforehand. */
  public static final Setting<Boolean> PRECOMPUTE_REFERENCE =
      Setting.flag(
              "precompute_ref_log_probs",
              false,
              "score the reference beforehand and keep it on disk: one model in memory")
          .resumable();

  /** Where reference scores are kept. */
  public static final Setting<String> REFERENCE_CACHE =
      Setting.text("ref_cache_dir", "", "folder of reference scores (default: in output_dir)")
          .resumable();

  /** Whether prompts are computed once. */
  public static final Setting<PromptSharing> SHARE_PROMPTS =
      Setting.choice(
              "share_prompts",
              PromptSharing.AUTO,
              "compute a pair's prompt once for both responses: true, false, or auto: where it pays")
          .resumable();

  /** Rows drawn from when shuffling. */
  public static final Setting<Integer> SHUFFLE_BUFFER =
      Setting.integer(
          "shuffle_buffer",
          DataConfig.DEFAULT_SHUFFLE_BUFFER,
          1,
          "rows that are shuffled among each other");

  /** The most rows used. */
  public static final Setting<Integer> MAX_TRAIN_SAMPLES =
      Setting.integer("max_train_samples", 0, 0, "rows of each data set that are used; 0: all");

  /** Where each data set begins. */
  public static final Setting<Integer> SKIP_TRAIN_SAMPLES =
      Setting.integer("skip_train_samples", 0, 0, "rows of each data set passed over before those");

  /** The most held-out pairs used. */
  public static final Setting<Integer> MAX_EVAL_SAMPLES =
      Setting.integer("max_eval_samples", 0, 0, "held-out examples that are used; 0: all");

  /** What a bad row does. */
  public static final Setting<DataConfig.OnBadRow> ON_BAD_ROW =
      Setting.choice("on_bad_row", DataConfig.OnBadRow.FAIL, "fail, or skip and count");

  /** A chat template of one's own. */
  public static final Setting<String> CHAT_TEMPLATE =
      Setting.text(
          "chat_template_path", "", "Jinja file used instead of the model's template (TRL)");

  /** Whether repeated examples are dropped. */
  public static final Setting<Boolean> DEDUPE =
      Setting.flag("dataset_dedupe", false, "drop examples that came before in the epoch");

  /** The shortest example. */
  public static final Setting<Integer> MIN_TOKENS =
      Setting.integer("dataset_min_tokens", 0, 0, "drop examples with fewer tokens");

  /** The longest example. */
  public static final Setting<Integer> MAX_TOKENS =
      Setting.integer("dataset_max_tokens", 0, 0, "drop examples with more tokens; 0: none");

  /** What must not be trained on. */
  public static final Setting<List<String>> DECONTAMINATE =
      Setting.texts("decontaminate_against", "text files; drop rows that share 13 words in a row");

  /** Threads that tokenise. */
  public static final Setting<Integer> WORKERS =
      Setting.integer("dataloader_num_workers", 1, 1, "threads that tokenise ahead").resumable();

  /** Steps between lines on the terminal. */
  public static final Setting<Interval> LOGGING_STEPS =
      Setting.interval(
              "logging_steps",
              10,
              "steps between lines where there is no terminal; below 1: a share of the run")
          .resumable();

  /** Steps between evaluations. */
  public static final Setting<Interval> EVAL_STEPS =
      Setting.interval(
          "eval_steps",
          0,
          "steps between evaluations; below 1: a share of the run; 0: at the start and end");

  /** Benchmarks at evaluations. */
  public static final Setting<List<String>> EVAL_TASKS =
      Setting.texts("eval_tasks", "benchmarks at evaluations, as dil eval names them").resumable();

  /** Rows of them. */
  public static final Setting<Integer> EVAL_TASK_LIMIT =
      Setting.integer("eval_task_limit", 50, 1, "first rows of every such task").resumable();

  /** Where their rows are. */
  public static final Setting<String> EVAL_TASK_DATA =
      Setting.text("eval_task_data", "", "folder of their rows (default: the hub)").resumable();

  /** Steps between checkpoints. */
  public static final Setting<Interval> SAVE_STEPS =
      Setting.interval(
              "save_steps",
              500,
              "steps between checkpoints; below 1: a share of the run; 0: never (TRL)")
          .resumable();

  /** Checkpoints kept. */
  public static final Setting<Integer> SAVE_LIMIT =
      Setting.integer("save_total_limit", 1, 1, "checkpoints that are kept").resumable();

  /** Whether to start over. */
  public static final Setting<Boolean> OVERWRITE =
      Setting.flag("overwrite_output_dir", false, "start over where output_dir holds a run")
          .resumable();

  /** Generations in the report. */
  public static final Setting<Integer> SAMPLES =
      Setting.integer("report_generations", 3, 0, "held-out prompts answered before and after")
          .resumable();

  /** Tokens of such a generation. */
  public static final Setting<Integer> SAMPLE_TOKENS =
      Setting.integer("report_max_new_tokens", 64, 1, "tokens of such an answer").resumable();

  private static final List<Setting<?>> OWN =
      List.of(
          MODEL,
          REF_MODEL,
          TRUST_TORCHSCRIPT,
          DATASET,
          DATASET_MIXER,
          EVAL_DATASET,
          EVAL_HOLDOUT,
          OUTPUT_DIR,
          LOSS_TYPE,
          LEARNING_RATE,
          BATCH_SIZE,
          PASS_TOKENS,
          ACCUMULATION,
          EVAL_BATCH_SIZE,
          EPOCHS,
          MAX_STEPS,
          MAX_LENGTH,
          MAX_PROMPT_LENGTH,
          SEED,
          DeviceSettings.BF16,
          DeviceSettings.PURE_BF16,
          USE_PEFT,
          LORA_R,
          LORA_ALPHA,
          LORA_TARGETS,
          USE_RSLORA,
          LORA_DROPOUT,
          ADAPTER,
          MERGE_ADAPTER,
          DeviceSettings.DEVICE,
          DeviceSettings.DEVICES,
          DeviceSettings.ZERO_STAGE,
          DeviceSettings.GRADIENT_TYPE,
          DeviceSettings.OFFLOAD_OPTIMIZER,
          DeviceSettings.OFFLOAD_REFERENCE,
          DeviceSettings.CHECKPOINTING,
          PRECOMPUTE_REFERENCE,
          REFERENCE_CACHE,
          PairSettings.LD_ALPHA,
          PairSettings.WEIGHTING,
          SHARE_PROMPTS,
          SHUFFLE_BUFFER,
          MAX_TRAIN_SAMPLES,
          SKIP_TRAIN_SAMPLES,
          MAX_EVAL_SAMPLES,
          ON_BAD_ROW,
          CHAT_TEMPLATE,
          ChatSettings.CHAT_TEMPLATE_TEXT,
          ChatSettings.CHAT_TEMPLATE_KWARGS,
          ChatSettings.ASSISTANT_ONLY_LOSS,
          ChatSettings.DATASET_COLUMNS,
          DEDUPE,
          MIN_TOKENS,
          MAX_TOKENS,
          DECONTAMINATE,
          WORKERS,
          LOGGING_STEPS,
          EVAL_STEPS,
          EVAL_TASKS,
          EVAL_TASK_LIMIT,
          EVAL_TASK_DATA,
          SAVE_STEPS,
          SAVE_LIMIT,
          OVERWRITE,
          SAMPLES,
          SAMPLE_TOKENS);

  private static final List<Setting<?>> ALL =
      Stream.of(
              OWN,
              OptimSettings.ALL,
              ReferenceSettings.ALL,
              OnPolicySettings.ALL,
              CourseSettings.ALL,
              TrackSettings.ALL)
          .flatMap(List::stream)
          .toList();

  /** The keys that mean something where an adapter is trained. */
  static final List<Setting<?>> OF_ADAPTERS =
      List.of(
          LORA_R,
          LORA_ALPHA,
          LORA_TARGETS,
          USE_RSLORA,
          LORA_DROPOUT,
          OptimSettings.LORAPLUS_RATIO,
          ADAPTER,
          MERGE_ADAPTER);

  /** Those that an adapter which training goes on from has decided already. */
  static final List<Setting<?>> OF_FRESH_ADAPTERS =
      List.of(LORA_R, LORA_ALPHA, LORA_TARGETS, USE_RSLORA);

  /** Those that name what is read: a run compares the contents, wherever they lie. */
  static final List<Setting<?>> BY_CONTENT =
      List.of(
          MODEL,
          REF_MODEL,
          ADAPTER,
          OnPolicySettings.REWARD,
          DATASET,
          EVAL_DATASET,
          CHAT_TEMPLATE,
          DECONTAMINATE);

  private Settings() {}

  /** Returns every key. */
  public static List<Setting<?>> all() {
    return ALL;
  }
}
