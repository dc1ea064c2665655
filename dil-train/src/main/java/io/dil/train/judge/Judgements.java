package io.dil.train.judge;

import io.dil.core.checkpoint.JsonLines;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Verdicts on disk: appended, forced to disk, and only then counted. They are what a stopped
 * command goes on from, and what a later one with the same questions need not ask again.
 */
final class Judgements implements AutoCloseable {
  static final String FILE = "judgements.jsonl";

  private final JsonLines lines;
  private final Map<String, Judgement> known;

  private Judgements(JsonLines lines, Map<String, Judgement> known) {
    this.lines = lines;
    this.known = known;
  }

  /** Opens a folder's verdicts. */
  static Judgements open(Path folder) {
    Map<String, Judgement> known = new LinkedHashMap<>();
    JsonLines lines =
        JsonLines.open(
            folder.resolve(FILE),
            (place, line) -> {
              Judgement judgement = Judgement.of(line);
              known.put(judgement.key(), judgement);
            });
    return new Judgements(lines, known);
  }

  synchronized Optional<Judgement> find(String key) {
    return Optional.ofNullable(known.get(key));
  }

  synchronized void add(Judgement judgement) {
    lines.append(judgement.toJson());
    lines.force();
    known.put(judgement.key(), judgement);
  }

  @Override
  public void close() {
    lines.close();
  }
}
