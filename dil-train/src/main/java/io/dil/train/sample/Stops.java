package io.dil.train.sample;

import java.util.List;

/** Texts that end an answer. */
public final class Stops {
  private Stops() {}

  /** Returns what stands before the first of {@code stops}; all of it where there is none. */
  public static String before(String text, List<String> stops) {
    int end = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop);
      end = at >= 0 ? Math.min(end, at) : end;
    }
    return text.substring(0, end);
  }
}
