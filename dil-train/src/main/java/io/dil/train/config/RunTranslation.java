package io.dil.train.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Other trainers' keys of steps, types, optimisers, adapters and devices. */
final class RunTranslation {
  /** transformers' names (OptimizerNames) of what is done here under another. */
  private static final Map<String, String> OPTIMISERS =
      Map.of(
          "adamw_hf", "adamw_torch",
          "adamw_torch_fused", "adamw_torch",
          "paged_adamw", "adamw_torch",
          "paged_adamw_32bit", "adamw_torch",
          "adamw_bnb_8bit", "adamw_8bit",
          "paged_adamw_8bit", "adamw_8bit",
          "paged_lion_32bit", "lion_32bit");

  private RunTranslation() {}

  /** Returns whether a file names a tracker, or none, as only files of other trainers do. */
  static boolean reportsElsewhere(Given given) {
    String named = given.text(TrackSettings.REPORT_TO.name());
    return List.of("none", "all", "wandb", "trackio", "comet_ml", "swanlab", "clearml").stream()
        .anyMatch(named::contains);
  }

  static void apply(Translation work) {
    for (String key : work.settings().keys()) {
      boolean telling = key.equals("max_length") || key.equals("lora_target_modules");
      if (work.get(key) == null && ForeignKeys.of(key).isEmpty() && !telling) {
        work.already(key, "null is the default");
      }
    }
    steps(work);
    evaluation(work);
    saving(work);
    if (work.text("report_to").equals("all")) {
      work.already("report_to", "no tracker is installed; name tensorboard or mlflow");
    }
    types(work);
    adapters(work);
    reference(work);
    Map<String, String> renamed = new LinkedHashMap<>();
    renamed.put("max_seq_length", "max_length");
    renamed.put("cutoff_len", "max_length");
    renamed.put("max_samples", "max_train_samples");
    renamed.put("ref_model", "ref_model_name_or_path");
    renamed.put("activation_checkpointing", "gradient_checkpointing");
    renamed.forEach((from, to) -> rename(work, from, to));
    workers(work);
    for (String key : List.of("use_cpu", "no_cuda")) {
      if (work.text(key).equals("true")) {
        work.become(key, "device", "cpu", "");
      } else if (work.has(key)) {
        work.already(key, "device: auto takes a GPU where there is one");
      }
    }
  }

  private static void rename(Translation work, String from, String to) {
    if (!work.has(from)) {
      return;
    }
    Object value = work.get(from);
    if (value == null) {
      work.already(from, "null is the default");
    } else {
      work.become(from, to, value, "");
    }
  }

  private static void steps(Translation work) {
    if (work.isNumber("max_steps") && work.number("max_steps") <= 0) {
      work.already("max_steps", "num_train_epochs says how long");
    } else if (work.has("max_steps") && work.has("num_train_epochs")) {
      work.already("num_train_epochs", "max_steps says how long");
    }
    if (work.isNumber("warmup_steps")) {
      double steps = work.number("warmup_steps");
      if (steps > 0 && steps < 1) {
        work.become("warmup_steps", "warmup_ratio", steps, "");
      } else if (steps == 0) {
        work.become("warmup_steps", "warmup_ratio", 0, "");
      } else if (work.has("warmup_ratio")) {
        work.already("warmup_ratio", "warmup_steps says it");
      }
    }
  }

  private static void evaluation(Translation work) {
    rename(work, "evaluation_strategy", "eval_strategy");
    String strategyText = work.text("eval_strategy");
    if (strategyText.equals("no") || strategyText.equals("false")) {
      evaluatesNot(work, "eval_strategy says no");
    } else if (strategyText.equals("steps") && !work.has("eval_steps")) {
      Object logging = work.has("logging_steps") ? work.get("logging_steps") : 10;
      work.add("eval_steps", String.valueOf(logging), "TRL, as logging_steps");
    } else if (strategyText.equals("epoch") && work.has("eval_steps")) {
      work.already("eval_steps", "eval_strategy is epoch");
    }
    best(work);
    boolean strategy = work.had("eval_strategy") || work.had("evaluation_strategy");
    if (!strategy && !work.had("do_eval") && !work.had("stage")) {
      // transformers' default is 'no'.
      work.evaluatesNot();
    }
    if (work.isNumber("val_size")) {
      double size = work.number("val_size");
      if (size == 0) {
        work.already("val_size", "no share is held out");
      } else if (size < 1) {
        work.become("val_size", "eval_holdout", size, "by prompts, with a stable hash");
      } else {
        work.refuse("val_size", "a share is held out and not a number: set eval_holdout: SHARE");
      }
    } else if (work.has("val_size")) {
      work.refuse("val_size", "it must be a number");
    }
  }

  private static void evaluatesNot(Translation work, String why) {
    work.evaluatesNot();
    for (String key :
        List.of("eval_steps", "per_device_eval_batch_size", "eval_on_start", "eval_delay")) {
      if (work.has(key)) {
        work.already(key, why);
      }
    }
  }

  /** What means nothing without another key, which transformers passes over. */
  private static void best(Translation work) {
    boolean loads = work.text("load_best_model_at_end").equals("true");
    if (work.has("greater_is_better") && !work.has("metric_for_best_model") && !loads) {
      work.already("greater_is_better", "means something with metric_for_best_model only");
    }
    if (work.has("metric_for_best_model") && !work.evaluates() && !loads) {
      work.already("metric_for_best_model", "there is no evaluation");
    }
  }

  private static void saving(Translation work) {
    String strategy = work.text("save_strategy");
    if (!List.of("", "steps").contains(strategy) && work.has("save_steps")) {
      work.already("save_steps", "save_strategy is " + strategy);
    }
  }

  private static void types(Translation work) {
    for (String key : List.of("dtype", "torch_dtype")) {
      String type = work.text(key);
      if (type.equals("bfloat16") || type.equals("torch.bfloat16")) {
        work.become(key, "bf16", true, "with fp32 masters; pure_bf16: true leaves them out");
      } else if (List.of("null", "auto", "float32", "torch.float32").contains(type)
          && work.has(key)) {
        work.already(key, "weights of any type on disk are read; bf16 says how they compute");
      } else if (work.has(key)) {
        work.refuse(key, "computes in fp32 or bf16; remove it, bf16: true says the second");
      }
    }
    String optimiser = OPTIMISERS.get(work.text("optim"));
    if (optimiser != null) {
      work.become("optim", "optim", optimiser, "the same steps");
    }
  }

  private static void adapters(Translation work) {
    if (work.has("finetuning_type")) {
      String type = work.text("finetuning_type");
      if (type.equals("lora")) {
        work.become("finetuning_type", "use_peft", true, "");
      } else if (type.equals("full")) {
        work.already("finetuning_type", "without use_peft all weights are trained");
      } else {
        work.refuse(
            "finetuning_type", "all weights are trained, or a LoRA adapter is: full or lora");
      }
    }
    rename(work, "lora_rank", "lora_r");
    if (work.has("lora_target")) {
      String targets = work.text("lora_target");
      work.become(
          "lora_target",
          "lora_target_modules",
          targets.equals("all") ? "all-linear" : List.of(targets.split("\\s*,\\s*")),
          "");
    }
    if (work.text("use_peft").equals("true")
        && List.of("adamw_torch", "adamw_8bit").contains(work.text("optim"))) {
      work.already("optim", "an adapter's state is small: it is always adamw_torch");
    }
    boolean dropout = work.isNumber("lora_dropout") && work.number("lora_dropout") > 0;
    boolean preference = !work.had("stage") && work.had("beta");
    if (dropout && preference && !work.text("disable_dropout").equals("false")) {
      work.become(
          "lora_dropout",
          "lora_dropout",
          0,
          "TRL's preference trainers switch dropout off unless disable_dropout is false");
    }
  }

  private static void reference(Translation work) {
    if (work.text("sync_ref_model").equals("true")) {
      return;
    }
    for (String key : List.of("ref_model_mixup_alpha", "ref_model_sync_steps")) {
      if (work.has(key)) {
        work.already(key, "means something with sync_ref_model only");
      }
    }
  }

  private static void workers(Translation work) {
    for (String key : List.of("dataset_num_proc", "preprocessing_num_workers")) {
      if (work.isNumber(key) && work.number(key) >= 1) {
        work.become(key, "dataloader_num_workers", (int) work.number(key), "");
      } else if (work.has(key)) {
        work.already(key, "one thread tokenises ahead");
      }
    }
    if (work.isNumber("dataloader_num_workers") && work.number("dataloader_num_workers") == 0) {
      work.become(
          "dataloader_num_workers", "dataloader_num_workers", 1, "a thread always tokenises ahead");
    }
  }
}
