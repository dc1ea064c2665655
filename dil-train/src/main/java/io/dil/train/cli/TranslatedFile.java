package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.train.config.ConfigFile;
import io.dil.train.config.Given;
import io.dil.train.config.Translation;
import io.dil.train.config.Translation.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A configuration as this trainer takes it, with what became of each key in comments. */
final class TranslatedFile {
  private static final String FIRST = "# Written by dil train --check from ";

  private TranslatedFile() {}

  /** Returns where the translation of a file is written: beside it, never over it. */
  static Path beside(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
    return file.resolveSibling(name + ".dil.yaml");
  }

  /**
   * Writes a translation.
   *
   * @throws InputException if there is a file that is not the translation of the same one
   */
  static Path write(Path file, Translation translation) {
    Path target = beside(file);
    String first = FIRST + file.getFileName();
    try {
      if (Files.exists(target) && !Files.readString(target).startsWith(first)) {
        throw new InputException(
            target + ": holds something else than the translation of " + file + "; move it away");
      }
      AtomicFile.write(target, text(first, translation).getBytes(StandardCharsets.UTF_8));
      return target;
    } catch (IOException e) {
      throw new InputException(target + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static String text(String first, Translation translation) {
    Map<String, Translation.Finding> findings = new HashMap<>();
    translation.findings().forEach(finding -> findings.put(finding.key(), finding));
    List<String> lines = new ArrayList<>();
    lines.add(first);
    Given settings = translation.settings();
    for (String key : settings.keys()) {
      Translation.Finding finding = findings.get(key);
      if (finding == null || finding.verdict() != Verdict.REFUSED) {
        lines.addAll(entry(key, settings.get(key)));
      }
    }
    for (Verdict verdict :
        List.of(Verdict.REFUSED, Verdict.ADDED, Verdict.TRANSLATED, Verdict.ALREADY)) {
      List<String> of =
          findings.values().stream()
              .filter(finding -> finding.verdict() == verdict)
              .map(finding -> "#   " + finding.key() + ": " + finding.text().replace('\n', ' '))
              .sorted()
              .toList();
      if (!of.isEmpty()) {
        lines.add("");
        lines.add("# " + CheckView.title(verdict));
        lines.addAll(of);
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private static List<String> entry(String key, @Nullable Object value) {
    return ConfigFile.text(Collections.singletonMap(key, value)).stripTrailing().lines().toList();
  }
}
