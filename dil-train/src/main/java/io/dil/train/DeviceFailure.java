package io.dil.train;

import java.util.List;
import java.util.Locale;

/** Says in one line that a device ran out of memory, or failed, and what to do. */
final class DeviceFailure {
  private DeviceFailure() {}

  /**
   * Returns the error that ends the run.
   *
   * @param where the device
   * @param advice settings that need less memory, and that a run which goes on may change
   */
  static TrainingException of(String where, RuntimeException error, List<String> advice) {
    String reason = reason(error);
    if (!ranOut(reason)) {
      return new TrainingException(where + " failed: " + reason, error);
    }
    return new TrainingException(
        "memory of "
            + where
            + " ran out; set one of "
            + String.join(", ", advice)
            + " and give the same command again ('./dil plan' shows what needs how much): "
            + reason,
        error);
  }

  /**
   * Returns the sentence of torch's message that says what is wrong, without the program's text.
   */
  private static String reason(RuntimeException error) {
    List<String> lines = String.valueOf(error.getMessage()).lines().map(String::trim).toList();
    String first = lines.isEmpty() ? "" : lines.get(0);
    String said =
        lines.stream()
            .filter(line -> line.startsWith("RuntimeError: "))
            .map(line -> line.substring("RuntimeError: ".length()))
            .findFirst()
            .orElse(first);
    int end = said.indexOf(". ");
    return end < 0 ? said : said.substring(0, end);
  }

  private static boolean ranOut(String reason) {
    String text = reason.toLowerCase(Locale.ROOT);
    return text.contains("out of memory") || text.contains("not enough memory");
  }
}
