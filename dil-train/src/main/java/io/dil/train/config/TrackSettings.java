package io.dil.train.config;

import java.util.ArrayList;
import java.util.List;

/** The keys of trackers; {@link Settings} lists them. None of them changes what is trained. */
public final class TrackSettings {
  private static final List<String> KNOWN = List.of("tensorboard", "mlflow");

  /** The trackers. */
  public static final Setting<List<String>> REPORT_TO =
      new Setting<>(
          "report_to",
          List.of(),
          false,
          "trackers that get every line of metrics: tensorboard, mlflow (default: none)",
          value -> {
            List<String> names = new ArrayList<>(Setting.parseTexts(value));
            names.removeIf(name -> name.equals("none"));
            for (String name : names) {
              if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException(
                    "none, or of " + KNOWN + " (metrics.jsonl and report.html are always written)");
              }
            }
            return List.copyOf(names);
          });

  /** Where TensorBoard's files are. */
  public static final Setting<String> LOGGING_DIR =
      Setting.text("logging_dir", "", "folder of TensorBoard's files (default: output_dir/runs)")
          .resumable();

  /** What trackers call the run. */
  public static final Setting<String> RUN_NAME =
      Setting.text("run_name", "", "name of the run for trackers (default: that of output_dir)")
          .resumable();

  /** Where MLflow is. */
  public static final Setting<String> MLFLOW_URI =
      Setting.text(
              "mlflow_tracking_uri",
              "",
              "MLflow's server, http://... (default: MLFLOW_TRACKING_URI in the environment)")
          .resumable();

  /** All of them. */
  static final List<Setting<?>> ALL = List.of(REPORT_TO, LOGGING_DIR, RUN_NAME, MLFLOW_URI);

  private TrackSettings() {}
}
