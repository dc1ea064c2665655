package io.dil.examples.reproduction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the tables of experiment-a.md from experiment-a.json.
 *
 * <p>A table stands between {@code <!-- table: NAME -->} and {@code <!-- end -->}; all else of the
 * page is left as it is.
 */
public final class ExperimentPage {
  private static final Pattern PLACE =
      Pattern.compile("<!-- table: ([a-z-]+) -->\n.*?<!-- end -->", Pattern.DOTALL);
  private static final List<String> FAMILY =
      List.of("dil-lsif", "dil-power", "dil-ukl", "dil-bce", "dil-rulsif");

  private ExperimentPage() {}

  /** Fills the page beside the results, or the two paths given. */
  public static void main(String[] arguments) throws IOException {
    Path results =
        Path.of(arguments.length > 0 ? arguments[0] : "docs/reproduction/experiment-a.json");
    Path page = Path.of(arguments.length > 1 ? arguments[1] : "docs/reproduction/experiment-a.md");
    JsonNode json = new ObjectMapper().readTree(Files.readString(results));
    Files.writeString(page, filled(Files.readString(page), json));
  }

  /**
   * Returns the page with every table as the results have it.
   *
   * @throws IllegalArgumentException if the page asks for a table that there is not
   */
  static String filled(String page, JsonNode results) {
    Map<String, String> tables = tables(results);
    Matcher matcher = PLACE.matcher(page);
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(1);
      String table = tables.get(name);
      if (table == null) {
        throw new IllegalArgumentException(
            String.format(
                "table must be one of %s, got %s", String.join(", ", tables.keySet()), name));
      }
      String whole = "<!-- table: " + name + " -->\n" + table + "<!-- end -->";
      matcher.appendReplacement(text, Matcher.quoteReplacement(whole));
    }
    return matcher.appendTail(text).toString();
  }

  static Map<String, String> tables(JsonNode results) {
    Map<String, String> tables = new LinkedHashMap<>();
    JsonNode base = Claims.base(results);
    tables.put("claims", claims(results));
    tables.put("directions", directions(results));
    tables.put("dynamics", dynamics(base));
    tables.put("exact", exact(results, "PREFERENCES"));
    tables.put("exact-independent", exact(results, "INDEPENDENT"));
    tables.put("base", base(base));
    tables.put("pairs", columns(results, "pairs", "L"));
    tables.put("pairs-end", columns(results, "pairs", "DEFAULT"));
    tables.put("noise", columns(results, "noise", "L"));
    tables.put("temperature", columns(results, "temperature", "L"));
    tables.put("sources", sources(results));
    tables.put("hurt", hurt(results));
    tables.put("wins", wins(results));
    return tables;
  }

  private static String table(List<String> head, List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    text.append("| ").append(String.join(" | ", head)).append(" |\n");
    text.append("|---".repeat(head.size())).append("|\n");
    rows.forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
    return text.toString();
  }

  /** Returns a number with three digits, or the sign of infinity. */
  static String number(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "∞";
    }
    double x = value.asDouble();
    if (x == 0 || Math.abs(x) < 5e-7) {
      return "0";
    }
    if (x == Math.rint(x)) {
      return String.valueOf((long) x);
    }
    if (Math.abs(x) < 1e-3) {
      return String.format("%.0e", x).replace("e-0", "e-");
    }
    return String.format(Math.abs(x) < 0.1 ? "%.4f" : Math.abs(x) < 10 ? "%.3f" : "%.1f", x);
  }

  private static String median(JsonNode pick, String measure) {
    return number(pick.path(measure).path(1));
  }

  private static String claims(JsonNode results) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode claim : results.path("claims")) {
      List<String> numbers = new ArrayList<>();
      claim
          .path("numbers")
          .properties()
          .forEach(entry -> numbers.add(entry.getKey() + " " + number(entry.getValue())));
      String said =
          claim.has("directions")
              ? "see [Figure 2](experiment-a.md#figure-2-the-likelihood-of-chosen-answers)"
              : String.join("; ", numbers);
      rows.add(
          List.of(
              claim.path("claim").asText(),
              claim.path("asked").asText(),
              "**" + claim.path("outcome").asText() + "**",
              said));
    }
    return table(List.of("claim", "asked", "outcome", "numbers"), rows);
  }

  private static String directions(JsonNode results) {
    Map<String, List<String>> byMethod = new LinkedHashMap<>();
    List<String> head = new ArrayList<>(List.of("method"));
    for (JsonNode claim : results.path("claims")) {
      if (claim.has("directions")) {
        head.add(claim.path("asked").asText());
        claim
            .path("directions")
            .properties()
            .forEach(
                entry ->
                    byMethod
                        .computeIfAbsent(entry.getKey(), key -> new ArrayList<>(List.of(code(key))))
                        .add(
                            entry.getValue().asText()
                                + " ("
                                + number(claim.path("numbers").path(entry.getKey()))
                                + ")"));
      }
    }
    return table(head, new ArrayList<>(byMethod.values()));
  }

  private static String code(String name) {
    return "`" + name + "`";
  }

  private static String dynamics(JsonNode base) {
    List<List<String>> rows = new ArrayList<>();
    base.path("methods")
        .properties()
        .forEach(
            entry -> {
              JsonNode path = entry.getValue().path("paths").path("DEFAULT");
              List<String> row = new ArrayList<>(List.of(code(entry.getKey())));
              for (int at : new int[] {3, 4, 6, 7}) {
                row.add(number(path.path("chosen").path(at)));
              }
              row.add(number(path.path("rejected").path(6)));
              row.add(number(path.path("margin").path(6)));
              row.add(number(path.path("kl_to_reference").path(6)));
              rows.add(row);
            });
    return table(
        List.of(
            "method",
            "chosen, step 25",
            "step 50",
            "step 200",
            "end",
            "rejected, step 200",
            "margin, step 200",
            "KL to π_0, step 200"),
        rows);
  }

  private static String exact(JsonNode results, String sampling) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    List<String> head = new ArrayList<>(List.of("method"));
    for (JsonNode condition : results.path("exact")) {
      if (condition.path("sampling").asText().equals(sampling)
          && condition.path("noise").asDouble() == 0) {
        head.add("t = " + condition.path("temperature").asText());
        condition
            .path("methods")
            .properties()
            .forEach(
                entry ->
                    rows.computeIfAbsent(entry.getKey(), key -> new ArrayList<>(List.of(code(key))))
                        .add(
                            number(entry.getValue().path("kl_to_chosen"))
                                + mark(entry.getValue().path("end").asText())));
      }
    }
    return table(head, new ArrayList<>(rows.values()));
  }

  private static String mark(String end) {
    return end.equals("MINIMUM") ? "" : end.equals("NO_MINIMUM") ? " ↓" : " ~";
  }

  private static String base(JsonNode base) {
    List<List<String>> rows = new ArrayList<>();
    base.path("methods")
        .properties()
        .forEach(
            entry -> {
              List<String> row = new ArrayList<>(List.of(code(entry.getKey())));
              for (String rule : List.of("L", "W")) {
                JsonNode pick = entry.getValue().path(rule);
                row.add(pick.path("setting").asText() + " @ " + pick.path("stop").asText());
                row.add(median(pick, "kl_to_chosen"));
                row.add(median(pick, "win_over_chosen"));
                row.add(median(pick, "chosen"));
              }
              JsonNode end = entry.getValue().path("DEFAULT");
              row.add(median(end, "kl_to_chosen"));
              row.add(median(end, "reward"));
              row.add(median(end, "kl_to_optimum") + " (" + median(end, "optimum_beta") + ")");
              row.add(entry.getValue().path("ends").path("NO_MINIMUM").asText());
              rows.add(row);
            });
    return table(
        List.of(
            "method",
            "L picks",
            "KL to π_w",
            "win",
            "chosen",
            "W picks",
            "KL to π_w",
            "win",
            "chosen",
            "end: KL to π_w",
            "reward",
            "KL to π_β (β)",
            "seeds without minimum"),
        rows);
  }

  private static boolean varies(JsonNode condition, String what) {
    return condition.path("sampling").asText().equals("PREFERENCES")
        && (what.equals("pairs") || condition.path("pairs").asInt() == Condition.BASE.pairs())
        && (what.equals("noise") || condition.path("noise").asDouble() == 0)
        && (what.equals("temperature") || condition.path("temperature").asDouble() == 1);
  }

  private static List<JsonNode> sorted(JsonNode results, String what) {
    List<JsonNode> conditions = new ArrayList<>();
    for (JsonNode condition : results.path("finite")) {
      if (varies(condition, what)) {
        conditions.add(condition);
      }
    }
    conditions.sort(Comparator.comparingDouble(node -> node.path(what).asDouble()));
    return conditions;
  }

  private static String columns(JsonNode results, String what, String rule) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    List<String> head = new ArrayList<>(List.of("method"));
    for (JsonNode condition : sorted(results, what)) {
      head.add(
          (what.equals("pairs") ? "n = " : what.equals("noise") ? "ε = " : "t = ")
              + condition.path(what).asText());
      condition
          .path("methods")
          .properties()
          .forEach(
              entry ->
                  rows.computeIfAbsent(entry.getKey(), key -> new ArrayList<>(List.of(code(key))))
                      .add(median(entry.getValue().path(rule), "kl_to_chosen")));
    }
    return table(head, new ArrayList<>(rows.values()));
  }

  private static String sources(JsonNode results) {
    List<List<String>> rows = new ArrayList<>();
    for (String name : List.of("dil-lsif", "dil-ukl", "dil-bce")) {
      for (String rule : List.of("L", "DEFAULT")) {
        Map<String, List<String>> bySource = new LinkedHashMap<>();
        for (String source : List.of("rejected", "independent", "both")) {
          bySource.put(source, new ArrayList<>());
        }
        for (int pairs : new int[] {100, 1000, 10000}) {
          for (JsonNode condition : results.path("finite")) {
            if (condition.path("pairs").asInt() == pairs
                && condition.path("noise").asDouble() == 0
                && condition.path("temperature").asDouble() == 1) {
              boolean independent = condition.path("sampling").asText().equals("INDEPENDENT");
              JsonNode methods = condition.path("methods");
              add(
                  bySource,
                  independent ? "independent" : "rejected",
                  methods.path(name).path(rule));
              if (!independent) {
                add(bySource, "both", methods.path(name + " both").path(rule));
              }
            }
          }
        }
        List<String> row =
            new ArrayList<>(List.of(code(name), rule.equals("L") ? "rule L" : "end"));
        bySource.values().forEach(row::addAll);
        rows.add(row);
      }
    }
    return table(
        List.of(
            "method",
            "",
            "rejected, n = 100",
            "1000",
            "10 000",
            "independent, n = 100",
            "1000",
            "10 000",
            "both, n = 100",
            "1000",
            "10 000"),
        rows);
  }

  private static void add(Map<String, List<String>> rows, String source, JsonNode pick) {
    rows.getOrDefault(source, new ArrayList<>()).add(median(pick, "kl_to_chosen"));
  }

  private static String hurt(JsonNode results) {
    List<String> names = FAMILY.stream().filter(name -> !name.equals("dil-bce")).toList();
    // BCE is better where the other is worse.
    return losses(results, names, "against_dil-bce", "end");
  }

  private static String wins(JsonNode results) {
    List<String> names = List.of("dpo", "f-dpo", "ipo", "slic", "cpo", "simpo", "kto", "sft");
    return losses(results, names, "against_dil-lsif", "outcome");
  }

  /** Returns in how many seeds each method is worse than another one, by imitation and a second. */
  private static String losses(
      JsonNode results, List<String> names, String against, String second) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode condition : results.path("finite")) {
      List<String> row = new ArrayList<>(List.of(described(condition)));
      for (String name : names) {
        JsonNode counts = condition.path("methods").path(name).path(against);
        row.add(
            counts.path("imitation").path(1).asText()
                + ", "
                + counts.path(second).path(1).asText());
      }
      rows.add(row);
    }
    List<String> head = new ArrayList<>(List.of("condition"));
    names.forEach(name -> head.add("than " + code(name)));
    return table(head, rows);
  }

  private static String described(JsonNode condition) {
    return String.format(
        "%sn = %s, ε = %s, t = %s",
        condition.path("sampling").asText().equals("INDEPENDENT") ? "independent, " : "",
        condition.path("pairs").asText(),
        condition.path("noise").asText(),
        condition.path("temperature").asText());
  }
}
