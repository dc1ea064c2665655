package io.dil.train.config;

import io.dil.losses.Losses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which loss another trainer's file means, and its parameters: TRL's {@code loss_type} lists and
 * f-divergences, SimPO's {@code gamma_beta_ratio} (gamma = ratio · beta, its
 * scripts/simpo_config.py), and LLaMA-Factory's {@code stage} and {@code pref_*} (its
 * hparams/finetuning_args.py).
 */
final class LossTranslation {
  /** Keys that only one method's trainer has, and its loss here. */
  private static final Map<String, String> SIGNS = new LinkedHashMap<>();

  /** LLaMA-Factory's stages; {@code dpo} has a loss of its own in {@code pref_loss}. */
  private static final Map<String, String> STAGES =
      Map.of("sft", "sft", "rm", "reward-bt", "kto", "kto", "dpo", "sigmoid");

  /** The losses of the trainers that most files are written for. */
  private static final List<String> USUAL =
      List.of("dpo", "ipo", "cpo", "simpo", "kto", "orpo", "sft", "reward-bt");

  /** What TRL's likelihood is averaged over; named with its loss, since it is that loss's alone. */
  private static final String AVERAGE = "sft.average_over";

  private static final Map<String, String> DIVERGENCES =
      Map.of("forward-kl", "forward-kl", "js-divergence", "js", "alpha-divergence", "alpha");

  static {
    SIGNS.put("gamma_beta_ratio", "simpo");
    SIGNS.put("simpo_gamma", "simpo");
    SIGNS.put("cpo_alpha", "cpo");
    SIGNS.put("desirable_weight", "kto");
    SIGNS.put("undesirable_weight", "kto");
    SIGNS.put("discopop_tau", "discopop");
    SIGNS.put("f_divergence_type", "dpo");
    SIGNS.put("use_weighting", "dpo");
    SIGNS.put("ld_alpha", "dpo");
    SIGNS.put("center_rewards_coefficient", "reward-bt");
    SIGNS.put("max_seq_length", "sft");
    SIGNS.put("packing", "sft");
    SIGNS.put("completion_only_loss", "sft");
    SIGNS.put("assistant_only_loss", "sft");
    SIGNS.put("dataset_text_field", "sft");
  }

  private LossTranslation() {}

  static void apply(Translation work) {
    stage(work);
    trainer(work);
    lists(work);
    if (!work.has("loss_type")) {
      missing(work);
    }
    divergence(work);
    if (work.has("ld_alpha") && work.get("ld_alpha") == null) {
      work.already("ld_alpha", "all tokens count alike");
    }
    Map<String, String> renamed = new LinkedHashMap<>();
    renamed.put("pref_beta", work.loss().equals("ipo") ? "tau" : "beta");
    renamed.put("pref_ftx", "rpo_alpha");
    renamed.put("dpo_label_smoothing", "label_smoothing");
    renamed.put("kto_chosen_weight", "desirable_weight");
    renamed.put("kto_rejected_weight", "undesirable_weight");
    renamed.forEach((from, to) -> rename(work, from, to));
    if (work.has("gamma_beta_ratio")) {
      ratio(work);
    }
  }

  private static void rename(Translation work, String from, String to) {
    if (work.has(from)) {
      work.become(from, to, String.valueOf(work.get(from)), "");
    }
  }

  private static void stage(Translation work) {
    if (work.has("stage")) {
      String stage = work.text("stage");
      if (stage.equals("dpo") && work.has("pref_loss")) {
        work.partOf("stage", "pref_loss");
      } else if (STAGES.containsKey(stage)) {
        work.become("stage", "loss_type", STAGES.get(stage), "");
      } else if (stage.equals("pt")) {
        work.become("stage", "loss_type", "sft", "of plain text: name the data text:PLACE");
      } else {
        work.refuse("stage", "training is by a loss over given responses (dil loss --list)");
      }
    }
    if (work.has("pref_loss")) {
      work.become("pref_loss", "loss_type", work.text("pref_loss"), "");
    }
  }

  private static void trainer(Translation work) {
    if (!work.has("trainer_type")) {
      return;
    }
    String name = work.text("trainer_type").toLowerCase(Locale.ROOT).replaceAll("_?trainer$", "");
    try {
      work.become("trainer_type", "loss_type", Losses.describe(name).name(), "");
    } catch (IllegalArgumentException e) {
      work.refuse("trainer_type", "say the loss: add 'loss_type: NAME' (dil loss --list)");
    }
  }

  /** TRL's lists: one loss, or a mixture, whose likelihood is averaged otherwise there. */
  private static void lists(Translation work) {
    if (work.get("loss_type") instanceof List<?> names && names.size() == 1) {
      work.become("loss_type", "loss_type", String.valueOf(names.get(0)), "");
    }
    boolean several = work.get("loss_type") instanceof List<?>;
    if (several && work.loss().contains("+") && Losses.describe(work.loss()).knows(AVERAGE)) {
      work.add(AVERAGE, "tokens", "TRL's sft among other losses");
    }
    if (work.has("loss_weights") && !several) {
      Object weights = work.get("loss_weights");
      if (weights == null || (weights instanceof List<?> list && list.size() == 1)) {
        work.already("loss_weights", "there is one loss");
      } else {
        work.refuse("loss_weights", "loss_type names one loss; make it a list");
      }
    } else if (several && work.has("loss_weights") && work.get("loss_weights") == null) {
      work.already("loss_weights", "each loss weighs 1");
    }
    if (work.loss().isEmpty() && work.text("loss_type").equals("chunked_nll")) {
      work.become("loss_type", "loss_type", "sft", "logits never stand whole");
    }
  }

  private static void divergence(Translation work) {
    if (work.has("f_divergence_type") && !work.loss().equals("f-dpo")) {
      String kind = work.text("f_divergence_type").replace('_', '-');
      if (kind.equals("reverse-kl") || kind.equals("null")) {
        work.already("f_divergence_type", "reverse KL is what DPO is derived from");
      } else if (work.loss().equals("dpo") && DIVERGENCES.containsKey(kind)) {
        work.become("f_divergence_type", "divergence", DIVERGENCES.get(kind), "");
        work.become("loss_type", "loss_type", "f-dpo", "");
      } else {
        work.refuse("f_divergence_type", "f-divergences are those of f-dpo (dil loss --list)");
      }
    }
    if (work.has("f_alpha_divergence_coef")) {
      if (work.text("divergence").equals("alpha") && work.isNumber("f_alpha_divergence_coef")) {
        double alpha = 1 - work.number("f_alpha_divergence_coef");
        work.become("f_alpha_divergence_coef", "alpha", alpha, "");
      } else {
        work.already(
            "f_alpha_divergence_coef", "means something with f_divergence_type alpha_divergence");
      }
    }
  }

  private static void ratio(Translation work) {
    boolean known = work.loss().isEmpty() || work.loss().equals("simpo");
    if (!known || !work.isNumber("gamma_beta_ratio")) {
      work.refuse("gamma_beta_ratio", "it is a number of loss_type simpo, gamma over beta");
      return;
    }
    // 2 is SimPO's default, here and there.
    double beta = work.isNumber("beta") ? work.number("beta") : 2;
    work.become("gamma_beta_ratio", "gamma", work.number("gamma_beta_ratio") * beta, "");
  }

  /** The file says no loss: its script does, which is not in it. */
  private static void missing(Translation work) {
    Optional<String> sign = SIGNS.keySet().stream().filter(work::had).findFirst();
    if (sign.isPresent()) {
      String loss = SIGNS.getOrDefault(sign.get(), "dpo");
      work.missing(
          "loss_type",
          sign.get(),
          "loss_type must be set: "
              + sign.get()
              + " is a key of "
              + loss
              + "; add the line 'loss_type: "
              + loss
              + "'");
      assume(work, loss);
      return;
    }
    List<String> candidates = new ArrayList<>(Losses.names());
    String shown = "";
    for (String key : work.settings().keys()) {
      List<String> with = LossNames.with(key);
      if (!with.isEmpty()) {
        candidates.retainAll(with);
        shown = key;
      }
    }
    String first = shown;
    if (first.isEmpty()) {
      first =
          work.settings().keys().stream()
              .filter(key -> ForeignKeys.of(key).isPresent())
              .findFirst()
              .orElse(Settings.DATASET.name());
    }
    work.missing(
        "loss_type",
        first,
        "loss_type must be set: this file is another trainer's ("
            + first
            + "), which names the loss outside it; add one of the lines "
            + "'loss_type: "
            + String.join("', 'loss_type: ", shown.isEmpty() ? USUAL : usual(candidates))
            + "' (dil loss --list)");
    assume(work, shown.isEmpty() || candidates.isEmpty() ? "sft" : preferred(candidates));
  }

  private static List<String> usual(List<String> candidates) {
    List<String> some = candidates.stream().filter(USUAL::contains).toList();
    return some.isEmpty() ? candidates : some;
  }

  private static String preferred(List<String> candidates) {
    return candidates.contains("dpo") ? "dpo" : candidates.get(0);
  }

  /** Checks the rest as if the likeliest loss were named, so that all is said at once. */
  private static void assume(Translation work, String loss) {
    work.settings().put("loss_type", loss, "");
  }
}
