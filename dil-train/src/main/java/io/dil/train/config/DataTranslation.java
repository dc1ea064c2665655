package io.dil.train.config;

import io.dil.data.format.Formats;
import io.dil.data.hub.HubAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Other trainers' names of models and data. A data set {@code ORG/NAME} of the hub is read from the
 * Parquet files that the hub makes of every one: {@code
 * hf://datasets/ORG/NAME@refs%2Fconvert%2Fparquet/CONFIG/SPLIT/*.parquet}.
 */
final class DataTranslation {
  private static final Pattern REPOSITORY = Pattern.compile("[\\w.-]+/[\\w.-]+");

  /** The keys that say where data is; where one is refused, nobody knows. */
  static final Set<String> KEYS =
      Set.of(
          "dataset",
          "eval_dataset",
          "dataset_name",
          "dataset_mixer",
          "dataset_mixture",
          "val_size");

  private DataTranslation() {}

  /** Returns whether data is named {@code ORG/NAME}, as it never is here, and is no file. */
  static boolean namesAsTheHubDoes(Given given) {
    List<Object> names = new ArrayList<>();
    if (given.get(Settings.DATASET.name()) instanceof List<?> list) {
      names.addAll(list);
    } else if (given.get(Settings.DATASET.name()) instanceof String name) {
      names.add(name);
    }
    if (given.get(Settings.DATASET_MIXER.name()) instanceof Map<?, ?> mixer) {
      names.addAll(mixer.keySet());
    }
    return names.stream()
        .anyMatch(
            name ->
                name instanceof String text && REPOSITORY.matcher(text).matches() && !exists(text));
  }

  static void apply(Translation work) {
    model(work, "model_name_or_path", "model_revision");
    model(work, "ref_model_name_or_path", "");
    if (work.has("model_revision")) {
      boolean main = List.of("main", "null").contains(work.text("model_revision"));
      if (main) {
        work.already("model_revision", "main is the default");
      } else {
        work.refuse("model_revision", "a folder has none; name one as hf://ORG/NAME@REVISION");
      }
    }
    for (String key : List.of("dataset", "eval_dataset")) {
      if (work.has(key) && work.has(key + "_name")) {
        work.already(key, key + "_name says it");
      }
    }
    mixture(work);
    mixer(work);
    single(work);
    for (String key :
        List.of("dataset_config", "dataset_train_split", "dataset_test_split", "train_split")) {
      if (work.has(key)) {
        work.already(key, "dataset_name and eval_dataset_name say which files");
      }
    }
    for (String key : List.of("dataset_splits", "dataset_configs")) {
      if (work.has(key)) {
        work.already(key, "dataset_name and eval_dataset_name say which files");
      }
    }
  }

  private static void model(Translation work, String key, String revisionKey) {
    String name = work.text(key);
    if (!work.has(key) || !REPOSITORY.matcher(name).matches() || exists(name)) {
      return;
    }
    String revision = work.has(revisionKey) ? work.text(revisionKey) : "main";
    boolean main = revision.equals("main") || revision.equals("null");
    if (!main) {
      work.partOf(revisionKey, key);
    }
    String at = main ? "" : "@" + revision.replace("/", "%2F");
    work.become(key, key, HubAddress.SCHEME + name + at, "there is no such folder");
  }

  /** TRL's and alignment-handbook's {@code dataset_mixture}. */
  private static void mixture(Translation work) {
    if (!work.has("dataset_mixture")) {
      return;
    }
    if (!(work.get("dataset_mixture") instanceof Map<?, ?> mixture)) {
      work.refuse("dataset_mixture", "it is a map with a list of datasets");
      return;
    }
    if (work.has("dataset_name")) {
      work.already("dataset_mixture", "dataset_name says it");
      return;
    }
    List<String> places = new ArrayList<>();
    if (mixture.get("datasets") instanceof List<?> sets) {
      for (Object one : sets) {
        if (one instanceof Map<?, ?> set) {
          String name = "" + first(set, "path", "id");
          Object share = first(set, "fraction", "weight");
          if (share != null && Double.parseDouble("" + share) != 1) {
            work.refuse("dataset_mixture", shares());
            return;
          }
          places.add(address(name, first(set, "name", "config"), text(set.get("split"), "train")));
        }
      }
    }
    Object test = mixture.get("test_split_size");
    double size = test == null ? 0 : Double.parseDouble("" + test);
    if (size >= 1 && work.evaluates() && !work.has("eval_dataset_name")) {
      work.refuse(
          "dataset_mixture",
          "test_split_size: "
              + test
              + " is a number of rows, and a share is held out here; write dataset_name: ["
              + String.join(", ", places)
              + "] and eval_holdout: SHARE, which is "
              + test
              + " over the rows of the data");
      return;
    }
    work.become("dataset_mixture", "dataset_name", places, "");
    if (size > 0 && size < 1) {
      work.become("dataset_mixture", "eval_holdout", size, "by prompts, with a stable hash");
    }
  }

  /** alignment-handbook's {@code dataset_mixer}, whose numbers are shares of the rows. */
  private static void mixer(Translation work) {
    if (!(work.get("dataset_mixer") instanceof Map<?, ?> mixer)
        || mixer.keySet().stream().allMatch(key -> isSpec("" + key))) {
      return;
    }
    if (work.has("dataset_name")) {
      work.already("dataset_mixer", "dataset_name says it");
      return;
    }
    if (mixer.values().stream().anyMatch(share -> !("" + share).matches("1(\\.0*)?"))) {
      work.refuse("dataset_mixer", shares());
      return;
    }
    List<?> splits =
        work.get("dataset_splits") instanceof List<?> list ? list : List.of("train", "test");
    List<?> configs = work.get("dataset_configs") instanceof List<?> list ? list : List.of();
    List<String> train = new ArrayList<>();
    List<String> test = new ArrayList<>();
    int row = 0;
    for (Object name : mixer.keySet()) {
      Object config = row < configs.size() ? configs.get(row) : null;
      row++;
      for (Object split : splits) {
        String text = "" + split;
        (text.contains("train") ? train : test).add(address("" + name, config, text));
      }
    }
    work.become("dataset_mixer", "dataset_name", train, "");
    if (work.evaluates() && !test.isEmpty() && !work.has("eval_holdout")) {
      work.become("dataset_mixer", "eval_dataset_name", test, "");
    }
    for (String key : List.of("dataset_splits", "dataset_configs")) {
      if (work.has(key)) {
        work.partOf(key, "dataset_mixer");
      }
    }
  }

  private static void single(Translation work) {
    if (!work.has("dataset_name")) {
      return;
    }
    Object given = work.get("dataset_name");
    List<?> names = given instanceof List<?> list ? list : List.of("" + given);
    if (names.stream().allMatch(name -> isSpec("" + name))) {
      return;
    }
    Object config = work.get("dataset_config");
    String trainKey = work.has("train_split") ? "train_split" : "dataset_train_split";
    String split = text(work.get(trainKey), "train");
    String testSplit = text(work.get("dataset_test_split"), "test");
    List<String> train = new ArrayList<>();
    List<String> test = new ArrayList<>();
    for (Object name : names) {
      String spec = isSpec("" + name) ? "" + name : address("" + name, config, split);
      if (spec.isEmpty()) {
        work.refuse(
            "dataset_name",
            "say where it is: FORMAT:FILE, or of the hub ORG/NAME or"
                + " FORMAT:hf://datasets/ORG/NAME/PATH");
        return;
      }
      train.add(spec);
      test.add(isSpec("" + name) ? "" : address("" + name, config, testSplit));
    }
    for (String key : List.of("dataset_config", trainKey, "dataset_test_split")) {
      if (work.has(key)) {
        work.partOf(key, "dataset_name");
      }
    }
    work.become("dataset_name", "dataset_name", train.size() == 1 ? train.get(0) : train, "");
    boolean hub = test.stream().allMatch(place -> place.contains(HubAddress.SCHEME));
    if (work.evaluates() && hub && !work.has("eval_dataset_name") && !work.has("eval_holdout")) {
      work.add("eval_dataset_name", test, "TRL, which evaluates the split '" + testSplit + "'");
    }
  }

  private static String shares() {
    return "its numbers are shares of each data set's rows; here dataset_mixer has weights: write"
        + " dataset_mixer: {FORMAT:PLACE: WEIGHT}, or dataset_name with max_train_samples: N";
  }

  /** Returns FORMAT:PLACE of a file or a hub's data set; empty where a name is neither. */
  private static String address(String name, @Nullable Object config, String split) {
    if (name.startsWith(HubAddress.SCHEME) || exists(name)) {
      return Formats.AUTO + ":" + name;
    }
    if (!REPOSITORY.matcher(name).matches()) {
      return "";
    }
    return Formats.AUTO
        + ":"
        + HubAddress.SCHEME
        + HubAddress.Kind.DATASET.word()
        + "/"
        + name
        + "@refs%2Fconvert%2Fparquet/"
        + text(config, "default")
        + "/"
        + split
        + "/*.parquet";
  }

  private static boolean isSpec(String name) {
    return name.indexOf(':') > 0 && !name.startsWith(HubAddress.SCHEME);
  }

  private static @Nullable Object first(Map<?, ?> map, String key, String other) {
    return map.get(key) == null ? map.get(other) : map.get(key);
  }

  private static String text(@Nullable Object value, String otherwise) {
    return value == null ? otherwise : value.toString();
  }

  private static boolean exists(String place) {
    try {
      return Files.exists(Path.of(place));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
