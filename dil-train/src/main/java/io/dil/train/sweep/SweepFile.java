package io.dil.train.sweep;

import io.dil.core.InputException;
import io.dil.data.source.DataSpec;
import io.dil.losses.Nearest;
import io.dil.losses.SearchSpace;
import io.dil.train.config.ConfigFile;
import io.dil.train.config.Given;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a sweep is to do, read from YAML and checked. {@code docs/sweeps.md} lists the keys. */
public final class SweepFile {
  /** The value of {@code search} that stands for the paper's Table 5. */
  private static final String PAPER = "paper";

  private static final List<String> KEYS =
      List.of(
          "output_dir",
          "base",
          "settings",
          "methods",
          "search",
          "search_seeds",
          "seeds",
          "metric",
          "greater_is_better",
          "tie_metric",
          "tie_within",
          "jobs",
          "devices",
          "test_dataset");

  /** The search of a method that has none: one setting, without keys. */
  private static final List<Map<String, Object>> NOTHING = List.of(Map.of());

  private final Given given;
  private final List<String> problems = new ArrayList<>();
  private Given base = new Given("");
  private final List<SweepMethod> methods = new ArrayList<>();

  private SweepFile(Given given) {
    this.given = given;
  }

  /**
   * Reads a sweep.
   *
   * @param overrides words of {@code key=value} that replace the file's keys
   * @throws InputException that names everything that is wrong, with {@code file:line}
   */
  public static SweepFile read(Path file, List<String> overrides) {
    SweepFile sweep = new SweepFile(ConfigFile.read(file, overrides));
    sweep.check();
    if (!sweep.problems.isEmpty()) {
      throw InputException.of(sweep.problems);
    }
    return sweep;
  }

  private void check() {
    for (String key : given.keys()) {
      if (!KEYS.contains(key)) {
        problem(
            key,
            "unknown key "
                + key
                + ", must be one of "
                + KEYS
                + Nearest.hint(key, KEYS, "; did you mean ", "?"));
      }
    }
    if (output().toString().isEmpty()) {
      problem("output_dir", "output_dir must name the folder of the sweep");
    }
    Object named = given.get("base");
    if (named != null) {
      base = ConfigFile.read(Path.of(named.toString()), List.of());
    }
    map("settings").forEach((key, value) -> base.put(key, value, given.place("settings")));
    List<Map<String, Object>> common = search("search", given.get("search"), "");
    Map<String, Object> written = map("methods");
    if (written.isEmpty()) {
      problem("methods", "methods must name at least one: a map of NAME: {loss_type: LOSS}");
    }
    written.forEach((name, settings) -> method(name, settings, common));
    for (String key : List.of("search_seeds", "seeds")) {
      seeds(key);
    }
    if (!(given.get("greater_is_better") instanceof Boolean) && given.has("greater_is_better")) {
      problem("greater_is_better", "greater_is_better must be true or false");
    }
    if (given.has("tie_within")
        && !(given.get("tie_within") instanceof Number within && within.doubleValue() >= 0)) {
      problem("tie_within", "tie_within must be a number of at least 0");
    }
    if (given.has("tie_within") && !given.has("tie_metric")) {
      problem("tie_within", "tie_within would be ignored: tie_metric is not set");
    }
    Object jobs = given.get("jobs");
    if (jobs != null && !jobs.equals("auto") && !(jobs instanceof Integer n && n > 0)) {
      problem("jobs", "jobs must be a whole number of at least 1, or auto, got " + jobs);
    }
    if (jobs != null && !devices().isEmpty()) {
      problem("jobs", "jobs would be ignored: devices has a run at a time on each");
    }
    if (!testDataset().isEmpty()) {
      try {
        DataSpec.parse(testDataset());
      } catch (InputException e) {
        problem("test_dataset", "test_dataset: " + e.getMessage());
      }
    }
  }

  private void method(String name, @Nullable Object value, List<Map<String, Object>> common) {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      problem(
          "methods", "methods: a name must be of letters, digits, '.', '_' and '-', got " + name);
      return;
    }
    if (!(value instanceof Map<?, ?> written)) {
      problem("methods", "methods: " + name + " must be a map of settings, got " + value);
      return;
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    written.forEach((key, one) -> settings.put(key.toString(), one));
    Object search = settings.remove("search");
    Object metric = settings.remove("metric");
    List<Map<String, Object>> own =
        PAPER.equals(search) ? paper(name, settings) : search("methods", search, name + ": ");
    List<Map<String, Object>> all = SweepMethod.cross(common, own);
    Set<String> tried = new LinkedHashSet<>();
    all.forEach(setting -> tried.addAll(setting.keySet()));
    for (String key : tried) {
      if (settings.containsKey(key)) {
        problem("methods", "methods: " + name + " sets " + key + ", which is searched too");
      }
      if (key.equals("seed") || key.equals("output_dir")) {
        problem("search", "search must not have " + key + ": the sweep sets it");
      }
    }
    methods.add(
        new SweepMethod(
            name, settings, metric == null ? metric() : SweepMetric.of(metric.toString()), all));
  }

  private List<Map<String, Object>> paper(String name, Map<String, Object> settings) {
    Object loss = settings.getOrDefault("loss_type", base.get("loss_type"));
    try {
      return new ArrayList<>(SearchSpace.named("paper-" + loss).combinations())
          .stream().map(LinkedHashMap<String, Object>::new).map(Map::copyOf).toList();
    } catch (IllegalArgumentException e) {
      problem(
          "methods",
          "methods: "
              + name
              + ": the paper's Table 5 has no search for loss_type "
              + loss
              + "; remove 'search: paper'");
      return NOTHING;
    }
  }

  /** Returns the settings of a search: every combination of a map's values, or a list's maps. */
  private List<Map<String, Object>> search(String key, @Nullable Object value, String where) {
    if (value == null) {
      return NOTHING;
    }
    if (value instanceof List<?> list && !list.isEmpty()) {
      List<Map<String, Object>> settings = new ArrayList<>();
      for (Object one : list) {
        if (one instanceof Map<?, ?> map) {
          Map<String, Object> setting = new LinkedHashMap<>();
          map.forEach((name, single) -> setting.put(name.toString(), single));
          settings.add(setting);
        } else {
          problem(key, where + "search: a list must be of maps KEY: value, got " + one);
        }
      }
      return settings;
    }
    if (!(value instanceof Map<?, ?> map)) {
      problem(
          key, where + "search must be a map KEY: [values] or a list of settings, got " + value);
      return NOTHING;
    }
    List<Map<String, Object>> all = NOTHING;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = entry.getKey().toString();
      if (!(entry.getValue() instanceof List<?> values) || values.isEmpty()) {
        problem(
            key, where + "search: " + name + " must be a list of values, got " + entry.getValue());
        continue;
      }
      List<Map<String, Object>> each = new ArrayList<>();
      for (Object one : new LinkedHashSet<>(values)) {
        each.add(Map.of(name, one));
      }
      all = SweepMethod.cross(all, each);
    }
    return all;
  }

  private Map<String, Object> map(String key) {
    Object value = given.get(key);
    Map<String, Object> map = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> written) {
      written.forEach((name, one) -> map.put(name.toString(), one));
    } else if (value != null) {
      problem(key, key + " must be a map, got " + value);
    }
    return map;
  }

  private List<Long> seeds(String key) {
    Object value = given.get(key);
    if (value == null) {
      return List.of(0L);
    }
    List<Long> seeds = new ArrayList<>();
    for (Object one : value instanceof List<?> list ? list : List.of(value)) {
      if (!(one instanceof Integer || one instanceof Long) || ((Number) one).longValue() < 0) {
        problem(key, key + " must be whole numbers of at least 0, got " + value);
        return List.of(0L);
      }
      seeds.add(((Number) one).longValue());
    }
    if (seeds.isEmpty()) {
      problem(key, key + " must have at least one seed");
    }
    return List.copyOf(new LinkedHashSet<>(seeds));
  }

  private void problem(String key, String text) {
    String problem = given.problem(key, text);
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  /** Returns the folder of the sweep. */
  public Path output() {
    Object value = given.get("output_dir");
    return Path.of(value == null ? "" : value.toString());
  }

  /** Returns the methods in the order of the file. */
  public List<SweepMethod> methods() {
    return List.copyOf(methods);
  }

  /** Returns the seeds that every setting is tried with. */
  public List<Long> searchSeeds() {
    return seeds("search_seeds");
  }

  /** Returns the seeds that each method's best setting is trained with. */
  public List<Long> seeds() {
    return given.has("seeds") ? seeds("seeds") : searchSeeds();
  }

  /** Returns what decides which setting is the best, where a method does not say. */
  public SweepMetric metric() {
    Object value = given.get("metric");
    SweepMetric metric =
        SweepMetric.of(value == null ? "eval_rewards/accuracies" : value.toString());
    return given.get("greater_is_better") instanceof Boolean greater
        ? new SweepMetric(metric.name(), greater)
        : metric;
  }

  /**
   * Returns what decides between settings that are about as good as the best; null for the order.
   */
  public @Nullable SweepMetric tieMetric() {
    Object value = given.get("tie_metric");
    return value == null ? null : SweepMetric.of(value.toString());
  }

  /** Returns how far from the best a setting still is about as good. */
  public double tieWithin() {
    return given.get("tie_within") instanceof Number within ? within.doubleValue() : 0;
  }

  /** Returns how many runs go on at once; 0 where the sweep is to find out. */
  public int jobs() {
    Object value = given.get("jobs");
    return value instanceof Integer jobs ? jobs : value == null ? 1 : 0;
  }

  /** Returns the devices, each of which has a run at a time; empty where runs choose. */
  public List<String> devices() {
    Object value = given.get("devices");
    if (value == null) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (Object one : value instanceof List<?> list ? list : List.of(value)) {
      names.add(String.valueOf(one));
    }
    return names;
  }

  /** Returns the held-out pairs that the best models are measured on; empty for none. */
  public String testDataset() {
    Object value = given.get("test_dataset");
    return value == null ? "" : value.toString();
  }

  /** Returns all runs that search, a method after the other. */
  public List<SweepRun> searchRuns() {
    List<SweepRun> runs = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (SweepMethod method : methods) {
      for (Map<String, Object> setting : method.combinations()) {
        for (long seed : searchSeeds()) {
          try {
            SweepRun run = run(method, setting, seed);
            if (!names.add(run.name())) {
              wrong.add(run.name() + ": two settings have this name; write their values otherwise");
            }
            runs.add(run);
          } catch (InputException e) {
            e.problems().stream()
                .map(problem -> method.name() + ": " + problem)
                .filter(problem -> !wrong.contains(problem))
                .forEach(wrong::add);
          }
        }
      }
    }
    if (!wrong.isEmpty()) {
      throw InputException.of(wrong);
    }
    return runs;
  }

  /**
   * Returns a run.
   *
   * @throws InputException if its settings are wrong
   */
  public SweepRun run(SweepMethod method, Map<String, Object> setting, long seed) {
    String name = SweepRun.name(method.name(), setting, seed);
    Given all = base.copy();
    String place = given.place("methods");
    method.settings().forEach((key, value) -> all.put(key, value, place));
    setting.forEach((key, value) -> all.put(key, value, place));
    all.put(Settings.SEED.name(), seed, "");
    all.put(Settings.OUTPUT_DIR.name(), output().resolve(name).toString(), "");
    TrainingConfig config = TrainingConfig.of(all);
    return new SweepRun(name, method.name(), setting, seed, all, config);
  }
}
