package io.dil.train.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.train.RunCheck;
import io.dil.train.TrainingException;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.run.FolderLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Trains every setting of every method, chooses each method's best by a rule, trains it with more
 * seeds, and measures the results on test pairs.
 *
 * <p>A run is an ordinary folder of {@code dil train} with its settings beside it. What is finished
 * is never trained again; a sweep that was stopped or killed goes on when it is started again. Its
 * table is {@code sweep.json}, its page {@code sweep.html}.
 */
public final class Sweep {
  /** The file of the table. */
  public static final String TABLE = "sweep.json";

  /** The page. */
  public static final String PAGE = "sweep.html";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SweepFile file;
  private final SweepWorkers workers;
  private final SweepListener listener;
  private final Path folder;
  private final Map<String, SweepRecord> records = new LinkedHashMap<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  /** How a sweep ended. */
  public enum Outcome {
    /** Every run is finished. */
    FINISHED,
    /** It was asked to stop; the same sweep goes on. */
    STOPPED,
    /** At least one run failed; the others are finished. */
    FAILED
  }

  /** Makes a sweep. */
  public Sweep(SweepFile file, SweepWorkers workers, SweepListener listener) {
    this.file = file;
    this.workers = workers;
    this.listener = listener;
    this.folder = file.output();
  }

  /** Asks the sweep to end soon; runs that go on write a checkpoint. Any thread may call it. */
  public void stop() {
    stopping.set(true);
    workers.stop();
  }

  /**
   * Runs to the end, or until it is stopped.
   *
   * @throws InputException if settings are wrong, before anything is trained
   * @throws TrainingException if the folder cannot be written to
   */
  public Outcome run() {
    List<SweepRun> search = file.searchRuns();
    check(search);
    try (FolderLock lock = FolderLock.take(folder, "output_dir")) {
      Map<String, JsonNode> earlier = earlier();
      search.forEach(run -> record(run, earlier));
      SweepJobs jobs = new SweepJobs(file, workers, listener, this::write, stopping);
      jobs.train("search", List.copyOf(records.values()));
      SweepChoice choice = new SweepChoice(file, List.copyOf(records.values()));
      if (!stopping.get()) {
        List<SweepRecord> best = best(choice, earlier);
        jobs.train("seeds of the best settings", best);
        if (!stopping.get() && !file.testDataset().isEmpty()) {
          new TestPairs(file, workers, listener, stopping).measure(best);
        }
      }
      write();
      return stopping.get() ? Outcome.STOPPED : outcome();
    } catch (IOException e) {
      throw new TrainingException(
          folder + ": cannot be written (" + e.getMessage() + "); the same command goes on", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      workers.stop();
      return Outcome.STOPPED;
    }
  }

  private Outcome outcome() {
    return records.values().stream()
            .allMatch(record -> record.state() == SweepRecord.State.FINISHED)
        ? Outcome.FINISHED
        : Outcome.FAILED;
  }

  /** Looks at everything that can be known before a run begins, so that none fails in the night. */
  private void check(List<SweepRun> runs) {
    List<String> problems = new ArrayList<>();
    for (SweepRun run : runs) {
      SweepRecord record = new SweepRecord(run, folder);
      if (record.isFinished()) {
        continue;
      }
      for (String problem : RunCheck.problems(run.config())) {
        if (!problems.contains(problem)) {
          problems.add(problem);
        }
      }
    }
    boolean chooses = file.methods().stream().anyMatch(method -> method.combinations().size() > 1);
    boolean evaluates =
        runs.stream()
            .allMatch(
                run ->
                    !run.config().get(Settings.EVAL_DATASET).isEmpty()
                        || run.config().has(Settings.EVAL_HOLDOUT));
    if (chooses && !evaluates) {
      problems.add(
          "the best of several settings is chosen by "
              + file.metric().name()
              + ", which needs held-out pairs; set eval_dataset_name or eval_holdout in the base");
    }
    Setting<String> device = DeviceSettings.DEVICE;
    if (!file.devices().isEmpty() && runs.stream().anyMatch(run -> run.config().has(device))) {
      problems.add("device in the base would be ignored: the sweep has devices; remove one");
    }
    if (!problems.isEmpty()) {
      throw InputException.of(problems);
    }
  }

  /** Returns the runs of the best settings with all seeds, those of the search among them. */
  private List<SweepRecord> best(SweepChoice choice, Map<String, JsonNode> earlier) {
    List<SweepRecord> best = new ArrayList<>();
    for (SweepMethod method : file.methods()) {
      Map<String, Object> setting = choice.best(method);
      if (setting == null) {
        listener.message(method.name() + ": no setting was trained to its end, so none is best");
        continue;
      }
      for (long seed : file.seeds()) {
        best.add(record(file.run(method, setting, seed), earlier));
      }
    }
    return best;
  }

  private SweepRecord record(SweepRun run, Map<String, JsonNode> earlier) {
    return records.computeIfAbsent(
        run.name(),
        name -> {
          SweepRecord record = new SweepRecord(run, folder);
          JsonNode known = earlier.get(name);
          if (known != null) {
            record.recall(known);
          }
          return record;
        });
  }

  /** Returns what an earlier call wrote of runs, some of which their folders do not say. */
  private Map<String, JsonNode> earlier() throws IOException {
    Map<String, JsonNode> runs = new LinkedHashMap<>();
    Path table = folder.resolve(TABLE);
    if (Files.exists(table)) {
      JSON.readTree(Files.readString(table))
          .path("runs")
          .forEach(run -> runs.put(run.path("run").asText(), run));
    }
    return runs;
  }

  private synchronized void write() {
    SweepTable table = new SweepTable(file, List.copyOf(records.values()));
    try {
      Files.createDirectories(folder);
      AtomicFile.write(
          folder.resolve(TABLE),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(table.toJson()));
      String page = table.page(folder);
      AtomicFile.write(folder.resolve(PAGE), page.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new TrainingException(
          folder + ": cannot be written (" + e.getMessage() + "); the same command goes on", e);
    }
  }

  /** Returns the table of the methods, a map a method, for a terminal. */
  public List<Map<String, String>> methods() {
    return new SweepTable(file, List.copyOf(records.values())).methods();
  }

  /** Returns a line for each run that failed. */
  public List<String> failures() {
    return records.values().stream()
        .filter(record -> record.state() == SweepRecord.State.FAILED)
        .map(record -> record.run().name() + ": " + record.problem())
        .toList();
  }
}
