package io.dil.train.track;

import io.dil.core.InputException;
import io.dil.train.RunControl;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrackSettings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The trackers of a run, and its listener. Trackers have a thread of their own, so that a slow
 * server does not slow the steps down. One that fails is left out with one line of warning.
 */
public final class Trackers implements TrainingListener, AutoCloseable {
  /** A file of scalars. */
  public static final String TENSORBOARD = "tensorboard";

  /** A server. */
  public static final String MLFLOW = "mlflow";

  private static final long LONGEST_WAIT_SECONDS = 60;

  private final TrainingListener listener;
  private final RunFolder folder;
  private final Map<String, String> settings;
  private final Map<String, Tracker> trackers;
  private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
  // Said on the thread that trains, as all messages are.
  private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
  private volatile Tracker.Ending ending = Tracker.Ending.FAILED;
  private final Thread thread = new Thread(this::work, "dil-trackers");
  private boolean begun;

  /** What all trackers are told. */
  @FunctionalInterface
  private interface Task {
    void tell(Tracker tracker) throws IOException;
  }

  private Trackers(
      TrainingListener listener,
      RunFolder folder,
      Map<String, String> settings,
      Map<String, Tracker> trackers) {
    this.listener = listener;
    this.folder = folder;
    this.settings = settings;
    this.trackers = new ConcurrentHashMap<>(trackers);
  }

  /**
   * Makes those that the settings name; nothing is written yet.
   *
   * @param listener hears what it would hear without them, and their warnings
   * @param tracks false in a process beside the one that writes: it has none
   * @throws InputException if one needs what is not set
   */
  public static Trackers of(
      TrainingConfig config, RunFolder folder, TrainingListener listener, boolean tracks) {
    if (!tracks) {
      return new Trackers(listener, folder, Map.of(), Map.of());
    }
    return of(
        config,
        folder,
        listener,
        name -> Optional.ofNullable(System.getenv(name)).map(String::strip));
  }

  static Trackers of(
      TrainingConfig config,
      RunFolder folder,
      TrainingListener listener,
      Function<String, Optional<String>> environment) {
    Map<String, Tracker> trackers = new LinkedHashMap<>();
    Path output = folder.path().toAbsolutePath().normalize();
    String given = config.get(TrackSettings.RUN_NAME);
    String name = given.isEmpty() ? String.valueOf(output.getFileName()) : given;
    for (String kind : config.get(TrackSettings.REPORT_TO)) {
      trackers.put(
          kind,
          kind.equals(TENSORBOARD)
              ? new TensorBoard(events(config, output, name))
              : new Mlflow(
                  new MlflowServer(uri(config, environment), environment),
                  output,
                  environment.apply("MLFLOW_EXPERIMENT_NAME").orElse("Default"),
                  name));
    }
    return new Trackers(listener, folder, config.asText(), trackers);
  }

  private static Path events(TrainingConfig config, Path output, String name) {
    String set = config.get(TrackSettings.LOGGING_DIR);
    Path place = set.isEmpty() ? output.resolve("runs") : Path.of(set);
    // TensorBoard shows a folder as a run. Two runs of one name have a file each.
    return place
        .resolve(name.replaceAll("[/\\\\:]", "-"))
        .resolve("events.out.tfevents.dil-" + Integer.toHexString(output.toString().hashCode()));
  }

  private static String uri(TrainingConfig config, Function<String, Optional<String>> environment) {
    String set = config.get(TrackSettings.MLFLOW_URI);
    String uri = set.isEmpty() ? environment.apply("MLFLOW_TRACKING_URI").orElse("") : set;
    if (!uri.matches("https?://[^\\s/]+(/\\S*)?")) {
      throw new InputException(
          "report_to mlflow needs mlflow_tracking_uri, or MLFLOW_TRACKING_URI in the environment, to"
              + " be the http address of a server, got '"
              + uri
              + "'");
    }
    return uri;
  }

  private void work() {
    try {
      while (!trackers.isEmpty()) {
        Task task = tasks.take();
        new ArrayList<>(trackers.keySet()).forEach(name -> tell(name, task));
        if (task == LAST) {
          tellEnd();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // A marker: nobody is told anything.
  private static final Task LAST = tracker -> {};

  private void tellEnd() {
    new ArrayList<>(trackers.keySet())
        .forEach(name -> tell(name, tracker -> tracker.ended(ending)));
  }

  private void tell(String name, Task task) {
    try {
      Tracker tracker = trackers.get(name);
      if (tracker != null) {
        task.tell(tracker);
      }
    } catch (IOException | RuntimeException e) {
      trackers.remove(name);
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      warnings.add(
          "WARNING: report_to " + name + " fails (" + reason + "); the run goes on without it");
    }
  }

  private void warn() {
    for (String text = warnings.poll(); text != null; text = warnings.poll()) {
      listener.message(text);
    }
  }

  @Override
  public void message(String text) {
    listener.message(text);
  }

  @Override
  public void started(RunControl run, long step, long totalSteps) {
    if (!trackers.isEmpty() && step > 0) {
      begin();
    }
    listener.started(run, step, totalSteps);
  }

  /** Begins with what the run has said so far; a fresh one only when it says something. */
  private void begin() {
    begun = true;
    try {
      List<Map<String, Double>> lines = MetricsFile.read(folder.metrics());
      tasks.add(tracker -> tracker.started(lines, settings));
    } catch (IOException e) {
      trackers.clear();
      warnings.add("WARNING: report_to is left out: " + e.getMessage());
    }
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void stepped(long step, int examples, Map<String, Double> metrics) {
    line(metrics);
    listener.stepped(step, examples, metrics);
  }

  @Override
  public void evaluated(long step, Map<String, Double> metrics) {
    line(metrics);
    listener.evaluated(step, metrics);
  }

  private void line(Map<String, Double> metrics) {
    if (begun) {
      // A copy, since the thread looks at it later.
      Map<String, Double> line = new LinkedHashMap<>(metrics);
      tasks.add(tracker -> tracker.line(line));
    } else if (!trackers.isEmpty()) {
      // The line is in the file already.
      begin();
    }
    warn();
  }

  @Override
  public void saved(Path checkpoint) {
    listener.saved(checkpoint);
  }

  @Override
  public void stopped() {
    listener.stopped();
  }

  /** Says how the run ended; without it, by an error. */
  public void ended(TrainingRun.Outcome outcome) {
    ending =
        outcome == TrainingRun.Outcome.FINISHED ? Tracker.Ending.FINISHED : Tracker.Ending.STOPPED;
  }

  /** Waits until all is told, a minute at most. */
  @Override
  public void close() {
    if (!begun) {
      return;
    }
    tasks.add(LAST);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(LONGEST_WAIT_SECONDS));
      if (thread.isAlive()) {
        warnings.add("WARNING: report_to is too slow; its last lines are missing");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    warn();
  }
}
