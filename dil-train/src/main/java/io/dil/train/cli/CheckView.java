package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.train.RunCheck;
import io.dil.train.config.Given;
import io.dil.train.config.TrainingConfig;
import io.dil.train.config.Translation;
import io.dil.train.config.Translation.Verdict;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code dil train --check} says of a configuration. */
final class CheckView {
  private CheckView() {}

  /** Returns what the keys of a verdict have in common. */
  static String title(Verdict verdict) {
    return switch (verdict) {
      case USED -> "used";
      case ALREADY -> "already so";
      case TRANSLATED -> "translated";
      case ADDED -> "added, since the other trainer's defaults differ";
      case REFUSED -> "refused";
    };
  }

  /**
   * Prints what becomes of every key and writes the translation beside the file; then looks at
   * everything that can be known before a model is read.
   *
   * @throws InputException with all that is wrong
   */
  static void show(@Nullable Path file, Given given, PrintWriter out) {
    Translation translation = Translation.of(given);
    for (Verdict verdict : Verdict.values()) {
      List<Translation.Finding> of =
          translation.findings().stream().filter(each -> each.verdict() == verdict).toList();
      if (of.isEmpty()) {
        continue;
      }
      out.println(title(verdict) + " (" + of.size() + ")");
      if (verdict == Verdict.USED) {
        out.println(
            "  " + of.stream().map(Translation.Finding::key).collect(Collectors.joining(", ")));
      } else {
        of.forEach(each -> out.println("  " + line(each)));
      }
    }
    out.println(summary(translation));
    if (file != null && translation.isForeign()) {
      out.println("written: " + TranslatedFile.write(file, translation));
    }
    out.flush();
    List<String> problems = new ArrayList<>();
    try {
      TrainingConfig config = TrainingConfig.of(translation);
      problems.addAll(RunCheck.problems(config));
    } catch (InputException e) {
      problems.addAll(e.problems());
    }
    if (!problems.isEmpty()) {
      throw InputException.of(problems);
    }
    out.println("ready: nothing else can be known before the model is read");
    out.flush();
  }

  /** Returns how many keys came to what. */
  static String summary(Translation translation) {
    List<String> parts = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      long count =
          translation.findings().stream().filter(each -> each.verdict() == verdict).count();
      String name = verdict == Verdict.ADDED ? "added" : title(verdict);
      parts.add(count + " " + name);
    }
    return String.join(", ", parts);
  }

  private static String line(Translation.Finding finding) {
    String text = finding.text().replaceAll("\\p{Cntrl}", " ");
    return (finding.place().isEmpty() ? "" : finding.place() + ": ") + finding.key() + ": " + text;
  }
}
