package io.dil.train.eval;

import io.dil.core.InputException;
import io.dil.losses.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The benchmarks that are known by name. A new one is a file beside this list, and a line in it;
 * one of a user is a {@link TaskProvider}, found on the class path.
 */
public final class Tasks {
  /** One file each, in {@code io/dil/train/eval}. */
  private static final List<String> FILES =
      List.of("mmlu_pro", "bbh", "musr", "math", "gsm8k", "gsm8k-v0", "arc", "arc-v0");

  /** Names for several benchmarks at once. */
  private static final Map<String, List<String>> SETS =
      Map.of("leaderboard", List.of("mmlu_pro", "bbh", "musr", "math", "gsm8k-v0", "arc-v0"));

  /** The content of users' own, by name. */
  private static final Map<String, String> OWN = services();

  private Tasks() {}

  private static Map<String, String> services() {
    Map<String, String> own = new LinkedHashMap<>();
    for (TaskProvider provider : ServiceLoader.load(TaskProvider.class)) {
      String name = provider.name();
      if (FILES.contains(name) || SETS.containsKey(name) || own.containsKey(name)) {
        throw new InputException("tasks must have different names, got two of " + name);
      }
      own.put(name, provider.yaml());
    }
    return own;
  }

  /** Returns the names that are one benchmark each. */
  private static List<String> single() {
    List<String> all = new ArrayList<>(FILES);
    all.addAll(OWN.keySet());
    return all;
  }

  /** Returns every name that can be asked for, parts of a benchmark left out. */
  public static List<String> names() {
    List<String> all = single();
    all.addAll(SETS.keySet());
    return all;
  }

  /** Returns the benchmarks of a set in which no BOS was written, as when the paper was. */
  static boolean withoutBos(String name) {
    return SETS.containsKey(name);
  }

  /**
   * Returns the tasks that names mean, each once, in the order asked for.
   *
   * @param asked names of benchmarks, of their parts ({@code math_algebra}), of sets ({@code
   *     leaderboard}), or files of tasks ending in {@code .yaml}
   * @throws InputException if one is not known or its file is malformed
   */
  public static List<Task> of(List<String> asked) {
    Map<String, Task> tasks = new LinkedHashMap<>();
    for (String name : asked) {
      for (String one : SETS.getOrDefault(name, List.of(name))) {
        for (Task task : named(one)) {
          tasks.put(task.name(), withoutBos(name) ? withoutBos(task) : task);
        }
      }
    }
    if (tasks.isEmpty()) {
      throw new InputException("tasks must name at least one of " + names());
    }
    return List.copyOf(tasks.values());
  }

  private static Task withoutBos(Task task) {
    return new Task(
        task.name(),
        task.group(),
        task.harness(),
        task.version(),
        task.data(),
        task.layout(),
        task.description(),
        task.shots(),
        task.generation(),
        task.metrics(),
        task.chance(),
        Optional.of(false));
  }

  private static List<Task> named(String name) {
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      try {
        return TaskFile.parse(name, Files.readString(Path.of(name)));
      } catch (IOException e) {
        throw new InputException(name + ": cannot be read: " + e.getMessage(), e);
      }
    }
    if (single().contains(name)) {
      return included(name);
    }
    Set<String> known = new LinkedHashSet<>(names());
    for (String file : single()) {
      for (Task task : included(file)) {
        if (task.name().equals(name)) {
          return List.of(task);
        }
        known.add(task.name());
      }
    }
    throw new InputException(
        "task must be one of "
            + names()
            + ", one of their parts or a .yaml file, got '"
            + name
            + "'"
            + Nearest.hint(name, known, "; did you mean '", "'?"));
  }

  private static List<Task> included(String name) {
    String own = OWN.get(name);
    if (own != null) {
      return TaskFile.parse(name, own);
    }
    String file = name + ".yaml";
    try (InputStream in = Tasks.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " must lie beside the list of tasks");
      }
      return TaskFile.parse(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(file + " cannot be read", e);
    }
  }
}
