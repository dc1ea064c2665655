package io.dil.train.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.train.config.ConfigFile;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is known of one run of a sweep: from its folder where it is finished, else from its end. */
final class SweepRecord {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How far a run has come. */
  enum State {
    /** It was not begun in this call, and is not finished. */
    WAITING,
    /** Its folder holds the model. */
    FINISHED,
    /** It was stopped, and goes on. */
    STOPPED,
    /** It ended with an error. */
    FAILED;

    /** Returns whether the run is still to come to its end. */
    boolean isOpen() {
      return this == WAITING || this == STOPPED;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final SweepRun run;
  private final Path sweep;
  private State state = State.WAITING;
  private @Nullable JsonNode manifest;
  private String problem = "";
  private long peakBytes;
  private @Nullable TestScores scores;
  private Map<String, Double> test = Map.of();

  SweepRecord(SweepRun run, Path sweep) {
    this.run = run;
    this.sweep = sweep;
  }

  SweepRun run() {
    return run;
  }

  /**
   * Returns whether its folder holds the finished run.
   *
   * @throws InputException if it holds one that was made with other settings
   */
  boolean isFinished() {
    boolean finished = Files.exists(run.folder(sweep).resolve("manifest.json"));
    if (finished) {
      requireSame();
      state = State.FINISHED;
    }
    return finished;
  }

  private void requireSame() {
    Path file = run.file(sweep);
    if (!Files.exists(file)) {
      throw new InputException(
          run.folder(sweep)
              + ": holds a finished run, but "
              + file.getFileName()
              + " beside it, which says what of, is missing; choose another output_dir");
    }
    Map<String, String> before = TrainingConfig.of(ConfigFile.read(file, List.of())).deciding();
    Map<String, String> now = run.config().deciding();
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String then = before.getOrDefault(name, "nothing");
      String given = now.getOrDefault(name, "nothing");
      if (!then.equals(given)) {
        throw new InputException(
            run.folder(sweep)
                + ": was trained with "
                + name
                + " "
                + then
                + ", and the sweep now says "
                + given
                + "; restore it, delete the folder, or choose another output_dir");
      }
    }
  }

  void ended(SweepWorkers.Result result) {
    state =
        switch (result.ending()) {
          case FINISHED -> State.FINISHED;
          case STOPPED -> State.STOPPED;
          case FAILED -> State.FAILED;
        };
    problem = result.problem();
    peakBytes = Math.max(peakBytes, result.peakBytes());
  }

  void tested(TestScores measured) {
    scores = measured;
    test = measured.metrics();
  }

  /** Returns the scores of the test pairs; null where there are none. */
  @Nullable TestScores scores() {
    return scores;
  }

  /** Takes over what only the table of an earlier call knows. */
  void recall(JsonNode earlier) {
    peakBytes = earlier.path("peak_mib").asLong() << 20;
  }

  State state() {
    return state;
  }

  String problem() {
    return problem;
  }

  long peakBytes() {
    return peakBytes;
  }

  /** Returns the last evaluation of a finished run; empty where it had none. */
  Map<String, Double> evaluation() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    manifest()
        .path("last_evaluation")
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isNumber() && entry.getKey().startsWith("eval_")) {
                metrics.put(entry.getKey(), entry.getValue().asDouble());
              }
            });
    return metrics;
  }

  /** Returns what it was measured to be on the test pairs; empty where it was not. */
  Map<String, Double> test() {
    return test;
  }

  /** Returns what a finished run wrote of itself; an empty object before. */
  private JsonNode manifest() {
    JsonNode known = manifest;
    if (known == null) {
      if (state != State.FINISHED) {
        return JSON.createObjectNode();
      }
      Path file = run.folder(sweep).resolve("manifest.json");
      try {
        known = JSON.readTree(Files.readString(file));
      } catch (IOException e) {
        throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
      }
      manifest = known;
    }
    return known;
  }

  ObjectNode toJson() {
    ObjectNode node = JSON.createObjectNode();
    node.put("run", run.name()).put("method", run.method());
    node.set("setting", JSON.valueToTree(run.setting()));
    node.put("seed", run.seed()).put("state", state.toString());
    if (!problem.isEmpty()) {
      node.put("problem", problem);
    }
    if (state == State.FINISHED) {
      node.put("steps", manifest().path("steps").asLong());
      node.put("seconds", Math.round(manifest().path("seconds").asDouble()));
      node.put("data_sha256", manifest().path("data_sha256").asText());
      node.set("evaluation", JSON.valueToTree(evaluation()));
    }
    if (peakBytes > 0) {
      node.put("peak_mib", peakBytes >> 20);
    }
    if (!test.isEmpty()) {
      node.set("test", JSON.valueToTree(test));
    }
    return node;
  }
}
