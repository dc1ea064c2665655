package io.dil.core.model.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * PEFT's {@code adapter_config.json}.
 *
 * @param lora what the adapter looks like
 * @param base the folder or hub name of the model that it changes; empty where the file has none
 * @param revision the revision of that model on the hub; empty for none in particular
 * @param reward whether it is the adapter of a reward model ({@code SEQ_CLS}), which holds its head
 *     too
 */
public record AdapterConfig(LoraConfig lora, String base, String revision, boolean reward) {
  /** The file's name. */
  public static final String FILE = "adapter_config.json";

  /**
   * Keys that change nothing about an adapter whose tensors are at hand. Any other key asks for a
   * variant, and is refused unless it is off.
   */
  private static final Set<String> HARMLESS =
      Set.of(
          "task_type",
          "peft_type",
          "auto_mapping",
          "peft_version",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "r",
          "target_modules",
          "exclude_modules",
          "lora_alpha",
          "lora_dropout",
          "use_rslora",
          "init_lora_weights",
          "layers_to_transform",
          "layers_pattern",
          "megatron_core",
          "qalora_group_size",
          "modules_to_save",
          "runtime_config");

  private static final String LANGUAGE_MODEL = "CAUSAL_LM";

  private static final String CLASSIFIER = "SEQ_CLS";

  /**
   * What PEFT adds to a classifier's modules: the head by the names that it has in transformers.
   */
  private static final Set<String> HEADS = new TreeSet<>(Set.of("score", "classifier"));

  /** Starting points that leave the base as it is; others (PiSSA, LoftQ, CorDA) rewrite it. */
  private static final Set<String> STARTS =
      new TreeSet<>(Set.of("true", "false", "gaussian", "orthogonal"));

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a folder's file.
   *
   * @throws InputException if it is malformed, or asks for more than plain LoRA of linear layers
   */
  public static AdapterConfig read(Path folder) {
    Path file = folder.resolve(FILE);
    JsonNode json = ModelFolder.json(file);
    if (!json.path("peft_type").asText().equals("LORA")) {
      throw bad(file, "peft_type must be LORA", json.path("peft_type"));
    }
    boolean reward = json.path("task_type").asText().equals(CLASSIFIER);
    if (json.hasNonNull("task_type")
        && !reward
        && !json.path("task_type").asText().equals(LANGUAGE_MODEL)) {
      throw bad(
          file,
          "task_type must be " + LANGUAGE_MODEL + ", or " + CLASSIFIER + " for a reward model",
          json.path("task_type"));
    }
    checkSaved(file, json.path("modules_to_save"), reward);
    if (json.hasNonNull("init_lora_weights")
        && !STARTS.contains(json.path("init_lora_weights").asText())) {
      throw bad(
          file,
          "init_lora_weights must be one of " + STARTS + ", since others rewrite the base",
          json.path("init_lora_weights"));
    }
    json.properties()
        .forEach(
            item -> {
              if (!HARMLESS.contains(item.getKey()) && !isOff(item.getValue())) {
                throw bad(
                    file,
                    item.getKey() + " must be off, since only plain LoRA is implemented",
                    item.getValue());
              }
            });
    if (!json.path("r").isIntegralNumber()
        || !json.path("r").canConvertToInt()
        || json.path("r").asInt() < 1) {
      throw bad(file, "r must be an integer >= 1", json.path("r"));
    }
    double alpha = json.path("lora_alpha").isNumber() ? json.path("lora_alpha").asDouble() : 0;
    if (!(alpha > 0 && alpha <= LoraConfig.LARGEST_ALPHA)) {
      throw bad(
          file,
          "lora_alpha must be a number above 0, at most " + LoraConfig.LARGEST_ALPHA,
          json.path("lora_alpha"));
    }
    if (json.hasNonNull("use_rslora") && !json.path("use_rslora").isBoolean()) {
      throw bad(file, "use_rslora must be true or false", json.path("use_rslora"));
    }
    double dropout = json.path("lora_dropout").asDouble(0);
    if ((json.hasNonNull("lora_dropout") && !json.path("lora_dropout").isNumber())
        || !(dropout >= 0 && dropout < 1)) {
      throw bad(file, "lora_dropout must be a number in [0, 1)", json.path("lora_dropout"));
    }
    return new AdapterConfig(
        new LoraConfig(
            json.path("r").asInt(),
            alpha,
            targets(file, json.path("target_modules")),
            json.path("use_rslora").asBoolean(false),
            dropout),
        text(file, json, "base_model_name_or_path"),
        text(file, json, "revision"),
        reward);
  }

  private static void checkSaved(Path file, JsonNode modules, boolean reward) {
    if (!reward) {
      if (!isOff(modules) && !modules.isMissingNode()) {
        throw bad(
            file, "modules_to_save must be off, since only plain LoRA is implemented", modules);
      }
      return;
    }
    for (JsonNode name : modules) {
      if (!HEADS.contains(name.asText())) {
        throw bad(file, "modules_to_save of a reward model must be among " + HEADS, name);
      }
    }
  }

  private static String text(Path file, JsonNode json, String key) {
    JsonNode node = json.path(key);
    if (json.hasNonNull(key)
        && (!node.isTextual() || node.textValue().chars().anyMatch(Character::isISOControl))) {
      throw bad(file, key + " must be text without control characters", node);
    }
    return json.hasNonNull(key) ? node.asText() : "";
  }

  private static List<String> targets(Path file, JsonNode node) {
    List<String> targets = new ArrayList<>();
    if (node.isTextual()) {
      targets.add(node.asText());
    }
    boolean texts = true;
    for (JsonNode name : node.isArray() ? node : JSON.createArrayNode()) {
      texts &= name.isTextual();
      targets.add(name.asText());
    }
    if (targets.isEmpty() || !texts) {
      throw bad(file, "target_modules must name at least one linear", node);
    }
    return targets;
  }

  private static boolean isOff(JsonNode node) {
    return node.isNull()
        || (node.isContainerNode() && node.isEmpty())
        || (node.isBoolean() && !node.asBoolean())
        || (node.isTextual() && Set.of("", "none").contains(node.asText()));
  }

  /** Returns the file's content, with the keys that PEFT needs to open it. */
  byte[] write() throws JsonProcessingException {
    ObjectNode json = JSON.createObjectNode();
    json.put("peft_type", "LORA");
    json.put("task_type", reward ? CLASSIFIER : LANGUAGE_MODEL);
    json.put("base_model_name_or_path", base);
    if (!revision.isEmpty()) {
      json.put("revision", revision);
    }
    json.put("r", lora.rank());
    if (lora.alpha() == Math.rint(lora.alpha())) {
      json.put("lora_alpha", (long) lora.alpha());
    } else {
      json.put("lora_alpha", lora.alpha());
    }
    json.put("lora_dropout", lora.dropout());
    lora.targets().forEach(json.putArray("target_modules")::add);
    json.put("use_rslora", lora.rankStabilized());
    if (reward) {
      json.putArray("modules_to_save").add("score");
    }
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("init_lora_weights", true);
    json.put("inference_mode", true);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  private static InputException bad(Path file, String rule, JsonNode got) {
    return new InputException(
        file + ": " + rule + ", got " + (got.isMissingNode() ? "nothing" : got));
  }
}
