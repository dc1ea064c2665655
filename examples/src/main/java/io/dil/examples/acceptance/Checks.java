package io.dil.examples.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a part of the acceptance found: a line for each check, for the program that writes the page.
 */
final class Checks {
  /** How a line of a part's output begins. */
  static final String MARK = "CHECK ";

  private final PrintStream out;
  private final boolean judged;

  /**
   * Makes an empty list.
   *
   * @param judged whether values are; in a rehearsal on a stand-in they are shown alone
   */
  Checks(PrintStream out, boolean judged) {
    this.out = out;
    this.judged = judged;
  }

  /** How a check ended. */
  enum Verdict {
    /** Within its bound. */
    PASS,
    /** Beyond its bound. */
    FAIL,
    /** A value in a rehearsal. */
    NOT_JUDGED,
    /** A number without a bound. */
    NOTED
  }

  /** Says that a computed value must be at most {@code bound}; NaN never is. */
  void value(String name, double value, double bound) {
    Verdict verdict = value <= bound ? Verdict.PASS : Verdict.FAIL;
    line(name, number(value), "≤ " + number(bound), judged ? verdict : Verdict.NOT_JUDGED);
  }

  /** Says that something that does not depend on computed values must hold. */
  void holds(String name, String value, String bound, boolean holds) {
    line(name, value, bound, holds ? Verdict.PASS : Verdict.FAIL);
  }

  /** As {@link #holds} for what depends on computed values. */
  void holdsByValue(String name, String value, String bound, boolean holds) {
    line(name, value, bound, !judged ? Verdict.NOT_JUDGED : holds ? Verdict.PASS : Verdict.FAIL);
  }

  /** Says a number that is not judged. */
  void note(String name, String value) {
    line(name, value, "", Verdict.NOTED);
  }

  /** Returns a number with three digits. */
  static String number(double value) {
    double size = Math.abs(value);
    return size != 0 && (size < 1e-2 || size >= 1e5)
        ? String.format(Locale.ROOT, "%.2e", value)
        : String.format(Locale.ROOT, "%.3f", value);
  }

  private void line(String name, String value, String bound, Verdict verdict) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("value", value);
    fields.put("bound", bound);
    fields.put("verdict", verdict.name());
    out.println(MARK + new ObjectMapper().valueToTree(fields));
    out.flush();
  }
}
