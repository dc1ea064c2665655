package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dil.train.config.YamlNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The metrics that a task file can name. */
final class Metrics {
  private static final Map<String, Function<YamlNode, Metric>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("acc", node -> new Acc("acc", false));
    ALL.put("acc_norm", node -> new Acc("acc_norm", true));
    ALL.put("exact_match", Metrics::exactMatch);
    ALL.put("math", Metrics::math);
  }

  private static final List<String> KEYS =
      List.of("metric", "as", "filter", "regex", "pick", "of_gold", "ignore", "rule");

  private Metrics() {}

  /** Reads a metric: its name alone, or a map with its name and options. */
  static Metric of(String place, JsonNode node) {
    JsonNode map =
        node.isTextual() ? JsonNodeFactory.instance.objectNode().set("metric", node) : node;
    YamlNode keys = new YamlNode(place + ": metrics", map, KEYS);
    Function<YamlNode, Metric> maker = ALL.get(keys.oneOf("metric", List.copyOf(ALL.keySet()), ""));
    if (maker == null) {
      throw keys.error("metric", "one of " + ALL.keySet());
    }
    return maker.apply(keys);
  }

  private static Metric exactMatch(YamlNode node) {
    String filter = node.text("filter", "");
    String name = node.text("as", "exact_match");
    return new ExactMatch(
        filter.isEmpty() ? name : name + "," + filter,
        node.has("regex") ? pattern(node, "regex", node.text("regex")) : null,
        node.oneOf("pick", List.of("first", "last"), "first").equals("last"),
        node.get("of_gold").asBoolean(),
        node.texts("ignore").stream().map(text -> pattern(node, "ignore", text)).toList());
  }

  private static Pattern pattern(YamlNode node, String key, @Nullable String text) {
    try {
      return Pattern.compile(String.valueOf(text), ExactMatch.FLAGS);
    } catch (PatternSyntaxException e) {
      throw node.error(key, "a regular expression");
    }
  }

  private static Metric math(YamlNode node) {
    String rule = node.oneOf("rule", MathMatch.RULES, "either");
    return new MathMatch(
        node.text("as", "exact_match"), MathMatch.Rule.valueOf(rule.toUpperCase(Locale.ROOT)));
  }
}
