package io.dil.train.track;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event file with an event a line. As transformers names them, metrics are {@code train/NAME}
 * and those of evaluations {@code eval/NAME}.
 */
final class TensorBoard implements Tracker {
  private static final String EVALUATION = "eval_";

  private final Path path;
  private @Nullable EventFile file;

  /**
   * Makes a tracker; nothing is written yet.
   *
   * @param path of the file, whose name must have {@code tfevents} in it
   */
  TensorBoard(Path path) {
    this.path = path;
  }

  @Override
  public void started(List<Map<String, Double>> lines, Map<String, String> settings)
      throws IOException {
    if (path.getParent() != null) {
      Files.createDirectories(path.getParent());
    }
    // An event is a line: what is behind those that the checkpoint knows of comes again.
    EventFile open = EventFile.open(path, lines.size(), now());
    file = open;
    for (Map<String, Double> line : lines.subList((int) open.events(), lines.size())) {
      line(line);
    }
  }

  @Override
  public void line(Map<String, Double> line) throws IOException {
    EventFile open = file;
    if (open != null) {
      open.append(now(), line.getOrDefault("step", 0.0).longValue(), scalars(line));
    }
  }

  private static Map<String, Double> scalars(Map<String, Double> line) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    boolean evaluation = !line.containsKey("loss");
    line.forEach(
        (name, value) -> {
          if (name.startsWith(EVALUATION)) {
            scalars.put("eval/" + name.substring(EVALUATION.length()), value);
          } else if (!name.equals("step")) {
            scalars.put((evaluation ? "eval/" : "train/") + name, value);
          }
        });
    return scalars;
  }

  private static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  @Override
  public void ended(Ending ending) throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
