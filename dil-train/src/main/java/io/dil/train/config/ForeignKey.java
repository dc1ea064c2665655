package io.dil.train.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key of another trainer's configuration that is no setting here, and what becomes of it.
 *
 * @param name the key
 * @param origin whose it is
 * @param verdict what becomes of it in general
 * @param accepted the values that are already so, as text; {@code *} is every one
 * @param says why it is already so, or what it becomes
 * @param otherwise why another value is refused, and what to do instead
 */
record ForeignKey(
    String name,
    String origin,
    Verdict verdict,
    List<String> accepted,
    String says,
    String otherwise) {
  /** What becomes of a key. */
  enum Verdict {
    /** It says what is done anyway. */
    ALREADY,
    /** It becomes settings of other names. */
    TRANSLATED,
    /** It asks for what is not there; some values may be already so. */
    REFUSED
  }

  /** Reads a line of the table. */
  static ForeignKey parse(String line) {
    String[] cells = line.split("\t", -1);
    if (cells.length != 6) {
      throw new IllegalStateException("a row must have 6 cells, got " + line);
    }
    return new ForeignKey(
        cells[0],
        cells[1],
        Verdict.valueOf(cells[2].toUpperCase(Locale.ROOT)),
        List.of(cells[3].split(",", -1)),
        cells[4],
        cells[5]);
  }

  /** Returns whether a value is what is done anyway. */
  boolean accepts(@Nullable Object value) {
    if (accepted.contains("*")) {
      return true;
    }
    String text = value instanceof List<?> list && list.size() == 1 ? "" + list.get(0) : "" + value;
    return accepted.stream().anyMatch(text.trim()::equalsIgnoreCase);
  }
}
