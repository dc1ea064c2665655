package io.dil.train.config;

import io.dil.losses.LossShape;
import io.dil.losses.Losses;

/**
 * Defaults of other trainers that differ from those here, written down where a file of theirs is
 * silent, so that it means what it meant. TRL 1.16 (its configuration classes over {@code
 * transformers.TrainingArguments} 5.24) and LLaMA-Factory (hparams/finetuning_args.py,
 * hparams/data_args.py, over the same).
 */
final class TrainerDefaults {
  /** {@code TrainingArguments.num_train_epochs}. */
  static final double EPOCHS = 3;

  /** {@code TrainingArguments.lr_scheduler_type}. */
  static final String SCHEDULE = "linear";

  /** {@code TrainingArguments.warmup_steps}. */
  static final double WARMUP = 0;

  /** {@code TrainingArguments.learning_rate}. */
  static final double RATE = 5e-5;

  /** {@code learning_rate} of DPOConfig, KTOConfig, CPOConfig and ORPOConfig. */
  static final double PREFERENCE_RATE = 1e-6;

  /** {@code SFTConfig.learning_rate}. */
  static final double SFT_RATE = 2e-5;

  /** {@code RewardConfig.learning_rate}. */
  static final double REWARD_RATE = 1e-4;

  /** {@code max_length} of DPOConfig, SFTConfig, KTOConfig and RewardConfig. */
  static final int LENGTH = 1024;

  /** LLaMA-Factory's {@code cutoff_len}. */
  private static final int CUTOFF = 2048;

  /** LLaMA-Factory's {@code lora_rank}; its {@code lora_alpha} is twice the rank. */
  private static final int RANK = 8;

  private TrainerDefaults() {}

  static void apply(Translation work) {
    boolean factory = work.had("stage") || work.had("finetuning_type") || work.had("cutoff_len");
    String whose = factory ? "LLaMA-Factory" : "TRL";
    work.add("learning_rate", factory ? RATE : rate(work.loss()), whose);
    work.add("lr_scheduler_type", SCHEDULE, whose);
    if (!work.has("warmup_steps")) {
      work.add("warmup_ratio", WARMUP, whose);
    }
    if (!work.has("max_steps")) {
      work.add("num_train_epochs", EPOCHS, whose);
    }
    if (factory) {
      work.add("max_length", CUTOFF, whose);
      adapter(work, whose);
    }
    if (!work.has("max_prompt_length")) {
      int length = work.isNumber("max_length") ? (int) work.number("max_length") : LENGTH;
      if (length > 1) {
        work.add("max_prompt_length", length - 1, whose + ", which cuts no prompt for itself");
      }
    }
  }

  private static void adapter(Translation work, String whose) {
    if (!work.had("finetuning_type")) {
      work.add("use_peft", true, whose);
    }
    if (work.text("use_peft").equals("true")) {
      work.add("lora_r", RANK, whose);
      double rank = work.isNumber("lora_r") ? work.number("lora_r") : RANK;
      work.add("lora_alpha", 2 * rank, whose + ", twice the rank");
    }
  }

  private static double rate(String loss) {
    if (loss.equals("reward-bt")) {
      return REWARD_RATE;
    }
    boolean sft = !loss.isEmpty() && Losses.describe(loss).shape() == LossShape.DEMONSTRATION;
    return sft ? SFT_RATE : PREFERENCE_RATE;
  }
}
