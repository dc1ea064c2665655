package io.dil.train.eval;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.dil.core.InputException;
import io.dil.train.config.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the file of a benchmark. {@code docs/evaluation.md} lists the keys. A benchmark of several
 * parts has {@code subtasks}, each with the keys in which it differs.
 */
final class TaskFile {
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final List<String> KEYS =
      List.of(
          "task",
          "about",
          "harness",
          "version",
          "data",
          "unfold",
          "where",
          "fields",
          "description",
          "text",
          "options",
          "option",
          "choices",
          "gold",
          "answer",
          "shots",
          "generate",
          "metrics",
          "chance",
          "add_bos",
          "subtasks");

  private TaskFile() {}

  /**
   * Reads a file's content.
   *
   * @param file how errors name it
   * @return the task, or one for every subtask
   * @throws InputException if it is not YAML, has an unknown key, or lacks one
   */
  static List<Task> parse(String file, String content) {
    JsonNode root;
    try {
      root = YAML.readTree(content);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      String first = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new InputException(file + ":" + line + ": not a YAML map of a task: " + first, e);
    }
    YamlNode whole = new YamlNode(file, root, KEYS);
    String name = whole.text("task");
    if (!whole.has("subtasks")) {
      return List.of(task(whole, name, name, ""));
    }
    List<Task> parts = new ArrayList<>();
    JsonNode subtasks = whole.get("subtasks");
    if (!subtasks.isObject() || subtasks.isEmpty()) {
      throw whole.error("subtasks", "a map of at least one subtask");
    }
    for (Map.Entry<String, JsonNode> part : subtasks.properties()) {
      String place = file + ": subtasks: " + part.getKey();
      new YamlNode(place, part.getValue(), KEYS);
      ObjectNode merged = root.deepCopy();
      merged.remove("subtasks");
      merged.setAll((ObjectNode) part.getValue().deepCopy());
      parts.add(
          task(new YamlNode(place, merged, KEYS), name + "_" + part.getKey(), name, part.getKey()));
    }
    return parts;
  }

  private static Task task(YamlNode node, String name, String group, String part) {
    Layout layout = layout(node);
    Optional<Task.Generation> generation =
        node.has("generate")
            ? Optional.of(
                generation(
                    new YamlNode(
                        node.place() + ": generate",
                        node.get("generate"),
                        List.of("until", "max_new_tokens"))))
            : Optional.empty();
    if (generation.isPresent() == (layout.choices().source() != Layout.ChoiceSource.NONE)) {
      throw new InputException(node.place() + ": a task must have either choices or generate");
    }
    List<Metric> metrics = new ArrayList<>();
    for (JsonNode metric : node.get("metrics")) {
      metrics.add(Metrics.of(node.place(), metric));
    }
    if (metrics.isEmpty()) {
      throw node.error("metrics", "a list of at least one metric");
    }
    for (Metric metric : metrics) {
      if (metric instanceof Acc == generation.isPresent()) {
        throw new InputException(
            node.place()
                + ": a task of choices is measured by acc and acc_norm, one that writes by other"
                + " metrics, got "
                + metric.name());
      }
    }
    TaskData data = data(node, part);
    Shots shots = node.has("shots") ? shots(node) : Shots.NONE;
    if (shots.rows().isEmpty() && shots.count() > 0 && !data.has(shots.from())) {
      throw new InputException(
          node.place() + ": shots must come from a split of data, got '" + shots.from() + "'");
    }
    return new Task(
        name,
        group,
        node.text("harness", name).replace("{subtask}", part),
        node.text("version", "1"),
        data,
        layout,
        node.text("description", ""),
        shots,
        generation,
        metrics,
        node.number("chance"),
        node.has("add_bos") ? Optional.of(node.get("add_bos").asBoolean()) : Optional.empty());
  }

  private static TaskData data(YamlNode node, String part) {
    YamlNode data =
        new YamlNode(
            node.place() + ": data",
            node.get("data"),
            List.of("repository", "test", "train", "validation"));
    Map<String, List<String>> splits = new LinkedHashMap<>();
    for (String split : List.of("test", "train", "validation")) {
      if (data.has(split)) {
        splits.put(
            split, data.texts(split).stream().map(one -> one.replace("{subtask}", part)).toList());
      }
    }
    if (!splits.containsKey("test")) {
      throw data.error("test", "a list of files");
    }
    Map<String, String> where = new LinkedHashMap<>();
    node.textLists("where").forEach((key, values) -> where.put(key, String.join("", values)));
    return new TaskData(data.text("repository", ""), splits, node.texts("unfold"), where);
  }

  private static Layout layout(YamlNode node) {
    YamlNode gold =
        node.has("gold")
            ? new YamlNode(
                node.place() + ": gold",
                node.get("gold"),
                List.of("text", "index", "label", "labels"))
            : new YamlNode(node.place(), YAML.createObjectNode(), List.of());
    return new Layout(
        new Fields(node.textLists("fields")),
        node.text("text"),
        node.text("options", ""),
        node.text("option", ""),
        choices(node),
        new Layout.Gold(
            gold.text("text", ""),
            gold.text("index", ""),
            gold.text("label", ""),
            gold.text("labels", "")),
        node.text("answer", ""));
  }

  private static Layout.Choices choices(YamlNode node) {
    if (!node.has("choices")) {
      return new Layout.Choices(Layout.ChoiceSource.NONE, List.of(), "");
    }
    if (node.get("choices").isArray()) {
      return new Layout.Choices(Layout.ChoiceSource.FIXED, node.texts("choices"), "");
    }
    YamlNode choices =
        new YamlNode(node.place() + ": choices", node.get("choices"), List.of("field", "letters"));
    return choices.has("letters")
        ? new Layout.Choices(Layout.ChoiceSource.LETTERS, List.of(), choices.text("letters"))
        : new Layout.Choices(Layout.ChoiceSource.FIELD, List.of(), choices.text("field"));
  }

  private static Shots shots(YamlNode node) {
    YamlNode shots =
        new YamlNode(
            node.place() + ": shots", node.get("shots"), List.of("count", "from", "draw", "rows"));
    List<JsonNode> rows = new ArrayList<>();
    shots.get("rows").forEach(rows::add);
    String draw = shots.oneOf("draw", List.of("first", "random", "shuffled"), "first");
    int count = shots.count("count", 1, Math.max(1, rows.size()));
    if (!rows.isEmpty() && rows.size() < count) {
      throw shots.error("rows", "a list of at least " + count + " rows");
    }
    return new Shots(
        count,
        shots.text("from", ""),
        Shots.Draw.valueOf(draw.toUpperCase(Locale.ROOT)),
        rows.subList(0, Math.min(rows.size(), count)));
  }

  private static Task.Generation generation(YamlNode node) {
    List<String> until = node.texts("until");
    if (until.stream().anyMatch(String::isEmpty)) {
      throw node.error("until", "a list of texts that are not empty");
    }
    return new Task.Generation(
        until, node.count("max_new_tokens", 1, Task.Generation.DEFAULT_TOKENS));
  }
}
