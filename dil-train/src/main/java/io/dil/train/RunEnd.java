package io.dil.train;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.model.traced.TracedLm;
import io.dil.data.stream.DataPosition;
import io.dil.train.config.CourseSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.report.GenerationSample;
import io.dil.train.report.Report;
import io.dil.train.report.ReportData;
import io.dil.train.run.BestState;
import io.dil.train.run.MetricsFile;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a finished run leaves beside its model: the report, the card, then the manifest that says it
 * is complete.
 */
record RunEnd(
    TrainingConfig config,
    RunFolder folder,
    DataPosition position,
    Ending ending,
    long tokens,
    double seconds,
    List<GenerationSample> generations,
    boolean reward) {

  /**
   * Where a run ended.
   *
   * @param step the last step that was taken
   * @param planned the steps that were planned
   * @param reason why it took no more; empty where it took them all
   * @param best what it knows of its best model; null where it looked for none
   * @param written the step whose model was written
   */
  record Ending(long step, long planned, String reason, @Nullable BestState best, long written) {}

  void write() throws IOException {
    List<Map<String, Double>> rows = MetricsFile.read(folder.metrics());
    List<Map<String, Double>> evaluations =
        rows.stream().filter(row -> !row.containsKey("loss")).toList();
    Report.write(
        folder.report(),
        new ReportData(
            config.loss().name() + " on " + new ModelCard(config, Map.of(), reward).base(),
            summary(),
            rows.stream().filter(row -> row.containsKey("loss")).toList(),
            evaluations,
            config.asText(),
            generations));
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("completed", true);
    manifest.put("steps", ending.step());
    manifest.putAll(ended());
    manifest.put("examples", position.examples());
    manifest.put("num_tokens", tokens);
    manifest.put("seconds", seconds);
    manifest.put("data_sha256", position.contentHash());
    manifest.put("dropped", position.dropped());
    manifest.put("loss", loss());
    manifest.put("settings", config.asText());
    manifest.put("versions", versions());
    manifest.put("last_step", rows.isEmpty() ? Map.of() : lastStep(rows));
    manifest.put(
        "last_evaluation",
        evaluations.isEmpty() ? Map.of() : evaluations.get(evaluations.size() - 1));
    if (ending.best() != null) {
      manifest.put("best_evaluation", evaluation(evaluations, ending.best().step()));
    }
    ModelCard card = new ModelCard(config, manifest, reward);
    ModelCard.Kind whole =
        TracedLm.isOne(folder.path()) ? ModelCard.Kind.TORCHSCRIPT : ModelCard.Kind.MODEL;
    card.write(folder.path(), config.get(Settings.USE_PEFT) ? ModelCard.Kind.ADAPTER : whole);
    if (config.get(Settings.MERGE_ADAPTER)) {
      card.write(folder.path().resolve(RunFolder.MERGED), ModelCard.Kind.MODEL);
    }
    AtomicFile.write(
        folder.manifest(),
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
  }

  /** Returns what the manifest says of an early end and of the best model. */
  private Map<String, Object> ended() {
    Map<String, Object> said = new LinkedHashMap<>();
    if (!ending.reason().isEmpty()) {
      said.put("planned_steps", ending.planned());
      said.put("stopped_because", ending.reason());
    }
    BestState best = ending.best();
    if (best != null) {
      said.put("best_step", best.step());
      said.put("best_metric", CourseSettings.metric(config));
      said.put("best_value", best.value());
      said.put("written_step", ending.written());
    }
    return said;
  }

  private static Map<String, Double> evaluation(List<Map<String, Double>> evaluations, long step) {
    return evaluations.stream()
        .filter(row -> row.getOrDefault("step", -1.0) == step)
        .findFirst()
        .orElse(Map.of());
  }

  private Map<String, Object> loss() {
    Map<String, Object> loss = new LinkedHashMap<>();
    loss.put("name", config.loss().name());
    loss.put("parameters", config.loss().parameters());
    loss.put("formula", config.loss().formula());
    loss.put("source", config.loss().source());
    return loss;
  }

  private static Map<String, Double> lastStep(List<Map<String, Double>> rows) {
    Map<String, Double> last = Map.of();
    for (Map<String, Double> row : rows) {
      last = row.containsKey("loss") ? row : last;
    }
    return last;
  }

  private Map<String, String> summary() {
    Map<String, String> summary = new LinkedHashMap<>();
    summary.put(
        "Steps",
        ending.reason().isEmpty()
            ? String.valueOf(ending.step())
            : ending.step() + " of " + ending.planned() + ": " + ending.reason());
    BestState best = ending.best();
    if (best != null) {
      summary.put(
          "Best model",
          String.format(
              Locale.ROOT,
              "step %d, %s %.4f",
              best.step(),
              CourseSettings.metric(config),
              best.value()));
      summary.put("Model written", "that of step " + ending.written());
    }
    summary.put("Examples", String.valueOf(position.examples()));
    summary.put("Tokens", String.format(Locale.ROOT, "%,d", tokens));
    summary.put("Time", String.format(Locale.ROOT, "%.0f s", seconds));
    position
        .dropped()
        .forEach((reason, count) -> summary.put("Dropped: " + reason, String.valueOf(count)));
    return summary;
  }

  /** Returns the version of this library. */
  static String version() {
    String own = RunEnd.class.getPackage().getImplementationVersion();
    return own == null ? "development" : own;
  }

  private static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("dil", version());
    versions.put("java", System.getProperty("java.version", "unknown"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    versions.put("djl", Engine.getDjlVersion());
    versions.put("pytorch", Engine.getEngine("PyTorch").getVersion());
    return versions;
  }
}
