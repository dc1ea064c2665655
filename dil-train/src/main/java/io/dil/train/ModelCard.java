package io.dil.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.losses.LossDescription;
import io.dil.train.config.CourseSettings;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.PairSettings;
import io.dil.train.config.ReferenceSettings;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code README.md} of a run's output, in the form that the hub shows: metadata as YAML, then what
 * was trained on what, how, and how it went.
 *
 * <p>A card is made to be published: it names no place on this machine. Data files are cut to their
 * last name, and of the settings only those that a list allows are shown.
 *
 * <p>Source: <a href="https://huggingface.co/docs/hub/model-cards">model cards</a>.
 */
final class ModelCard {
  private static final String FILE = "README.md";
  private static final Pattern HUB_DATA =
      Pattern.compile("hf://datasets/([\\w.-]+/[\\w.-]+?)(@[^/]*)?/.*");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The settings that a card may show: numbers and choices that say how the model was trained. What
   * is not in this list is not shown, so that a new setting cannot publish a place by being
   * forgotten; the parameters of the loss are numbers and choices, too.
   */
  private static final List<Setting<?>> SHOWN =
      List.of(
          Settings.LOSS_TYPE,
          Settings.LEARNING_RATE,
          OptimSettings.SCHEDULE,
          OptimSettings.WARMUP_RATIO,
          OptimSettings.WARMUP_STEPS,
          Settings.BATCH_SIZE,
          Settings.ACCUMULATION,
          Settings.EPOCHS,
          Settings.MAX_STEPS,
          Settings.MAX_LENGTH,
          Settings.MAX_PROMPT_LENGTH,
          OptimSettings.WEIGHT_DECAY,
          OptimSettings.ADAM_BETA1,
          OptimSettings.ADAM_BETA2,
          OptimSettings.ADAM_EPSILON,
          OptimSettings.MAX_GRAD_NORM,
          Settings.SEED,
          DeviceSettings.BF16,
          DeviceSettings.PURE_BF16,
          Settings.USE_PEFT,
          Settings.LORA_R,
          Settings.LORA_ALPHA,
          Settings.LORA_TARGETS,
          Settings.USE_RSLORA,
          Settings.LORA_DROPOUT,
          OptimSettings.LORAPLUS_RATIO,
          Settings.PRECOMPUTE_REFERENCE,
          ReferenceSettings.SYNC,
          ReferenceSettings.ALPHA,
          ReferenceSettings.STEPS,
          PairSettings.LD_ALPHA,
          PairSettings.WEIGHTING,
          OnPolicySettings.ON_POLICY,
          OnPolicySettings.ANSWERS,
          OnPolicySettings.TEMPERATURE,
          OnPolicySettings.NEW_TOKENS,
          OnPolicySettings.REFRESH,
          OnPolicySettings.RULE,
          OnPolicySettings.MIN_GAP,
          Settings.SHUFFLE_BUFFER,
          Settings.MAX_TRAIN_SAMPLES,
          Settings.SKIP_TRAIN_SAMPLES,
          Settings.MAX_EVAL_SAMPLES,
          Settings.EVAL_HOLDOUT,
          Settings.ON_BAD_ROW,
          CourseSettings.EVAL_STRATEGY,
          CourseSettings.SAVE_STRATEGY,
          CourseSettings.LOAD_BEST,
          CourseSettings.METRIC,
          CourseSettings.GREATER,
          CourseSettings.PATIENCE,
          CourseSettings.THRESHOLD,
          Settings.DEDUPE,
          Settings.MIN_TOKENS,
          Settings.MAX_TOKENS);

  private final TrainingConfig config;
  private final JsonNode manifest;
  private final boolean reward;

  /** What a folder holds. */
  enum Kind {
    /** A model that transformers opens. */
    MODEL,
    /** An adapter that PEFT opens. */
    ADAPTER,
    /** A module that torch opens; no library of the hub does. */
    TORCHSCRIPT
  }

  /**
   * Makes the card of a run.
   *
   * @param manifest what {@code manifest.json} says
   * @param reward whether the model gives rewards instead of text
   */
  ModelCard(TrainingConfig config, Map<String, Object> manifest, boolean reward) {
    this.config = config;
    this.reward = reward;
    this.manifest = JSON.valueToTree(manifest);
  }

  /** Writes the card into a folder. */
  void write(Path folder, Kind kind) throws IOException {
    AtomicFile.write(folder.resolve(FILE), text(kind).getBytes(StandardCharsets.UTF_8));
  }

  String text(Kind kind) throws IOException {
    boolean adapter = kind == Kind.ADAPTER;
    LossDescription loss = config.loss();
    StringBuilder card = new StringBuilder("---\n");
    if (kind != Kind.TORCHSCRIPT) {
      card.append("library_name: ").append(adapter ? "peft" : "transformers").append('\n');
    }
    card.append("base_model: ").append(quoted(base())).append('\n');
    card.append("base_model_relation: ").append(adapter ? "adapter" : "finetune").append('\n');
    card.append("pipeline_tag: ")
        .append(reward ? "text-classification" : "text-generation")
        .append('\n');
    list(
        card, "tags", List.of("dil", reward ? "reward-model" : "preference-training", loss.name()));
    list(card, "datasets", hubData());
    card.append("---\n\n# ").append(base()).append(", trained with ").append(loss.name());
    card.append("\n\n").append(adapter ? "A LoRA adapter of " : "A fine-tuned version of ");
    card.append(base()).append(reward ? ", which scores answers: a reward model" : "");
    card.append(".\n\n## Method\n\nLoss `").append(loss.name()).append("`");
    card.append(loss.formula().isEmpty() ? ", not described by its author" : ": ");
    card.append(loss.formula()).append("\n\n");
    if (!loss.source().isEmpty()) {
      card.append("Source: ").append(loss.source()).append("\n\n");
    }
    data(card);
    metrics(card, "Last step", manifest.path("last_step"));
    metrics(card, "Held-out examples", evaluation());
    Map<String, String> settings = new TreeMap<>(config.asText());
    Set<String> shown = new HashSet<>(loss.parameters().keySet());
    SHOWN.forEach(setting -> shown.add(setting.name()));
    settings.keySet().retainAll(shown);
    table(card, "Settings", JSON.valueToTree(settings));
    table(card, "Versions", manifest.path("versions"));
    return card.toString();
  }

  private void data(StringBuilder card) {
    card.append("## Data\n\n");
    places().forEach(place -> card.append("- ").append(shown(place)).append('\n'));
    card.append("- examples seen: ").append(manifest.path("examples").asText());
    card.append(", tokens: ").append(manifest.path("num_tokens").asText());
    card.append(", optimiser steps: ").append(manifest.path("steps").asText());
    if (manifest.has("stopped_because")) {
      card.append(" of ").append(manifest.path("planned_steps").asText());
      card.append("; stopped because ").append(manifest.path("stopped_because").asText());
    }
    if (manifest.has("best_step")) {
      card.append("\n- the model of step ").append(manifest.path("written_step").asText());
      card.append("; best was step ").append(manifest.path("best_step").asText());
      card.append(", `").append(manifest.path("best_metric").asText()).append("` ");
      card.append(manifest.path("best_value").asText());
    }
    card.append("\n- SHA-256 of the data: `").append(manifest.path("data_sha256").asText());
    card.append("`\n");
    manifest
        .path("dropped")
        .properties()
        .forEach(
            reason ->
                card.append("- dropped, ")
                    .append(reason.getKey())
                    .append(": ")
                    .append(reason.getValue().asText())
                    .append('\n'));
    card.append('\n');
  }

  /** Returns the evaluation of the model that was written. */
  private JsonNode evaluation() {
    boolean best =
        manifest.path("written_step").asLong(-1) == manifest.path("best_step").asLong(-2);
    return manifest.path(best ? "best_evaluation" : "last_evaluation");
  }

  private Set<String> places() {
    Set<String> places = new LinkedHashSet<>(config.get(Settings.DATASET));
    places.addAll(config.get(Settings.DATASET_MIXER).keySet());
    places.addAll(config.get(Settings.EVAL_DATASET));
    return places;
  }

  private static String shown(String spec) {
    int colon = spec.indexOf(':');
    String place = spec.substring(colon + 1);
    return spec.substring(0, colon + 1)
        + (place.startsWith("hf://") ? place : place.replaceFirst(".*[/\\\\]", ""));
  }

  private List<String> hubData() {
    return places().stream()
        .map(spec -> HUB_DATA.matcher(spec.substring(spec.indexOf(':') + 1)))
        .filter(Matcher::matches)
        .map(match -> match.group(1))
        .distinct()
        .toList();
  }

  /** Returns the base's name on the hub where it is known, else its folder's. */
  String base() {
    BaseName base = BaseName.of(config.get(Settings.MODEL));
    if (base.isOfHub()) {
      return base.name();
    }
    Path folder = Path.of(base.name()).toAbsolutePath().normalize();
    Path file = folder.resolve("config.json");
    String name = Files.exists(file) ? ModelFolder.json(file).path("_name_or_path").asText("") : "";
    Path last = folder.getFileName();
    return last == null || new BaseName(name, "").isOfHub() ? name : last.toString();
  }

  private static void metrics(StringBuilder card, String title, JsonNode values) {
    if (!values.isEmpty()) {
      table(card, title, values);
    }
  }

  private static void table(StringBuilder card, String title, JsonNode values) {
    card.append("## ").append(title).append("\n\n| | |\n|---|---|\n");
    values
        .properties()
        .forEach(
            row ->
                card.append("| `")
                    .append(row.getKey())
                    .append("` | ")
                    .append(row.getValue().asText().replace("|", "\\|"))
                    .append(" |\n"));
    card.append('\n');
  }

  private static void list(StringBuilder card, String key, List<String> values)
      throws JsonProcessingException {
    if (!values.isEmpty()) {
      card.append(key).append(":\n");
      for (String value : values) {
        card.append("- ").append(quoted(value)).append('\n');
      }
    }
  }

  // JSON's strings are YAML's.
  private static String quoted(String text) throws JsonProcessingException {
    return JSON.writeValueAsString(text);
  }
}
