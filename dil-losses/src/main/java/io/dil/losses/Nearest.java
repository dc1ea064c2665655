package io.dil.losses;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The allowed name that a misspelt one probably meant. */
public final class Nearest {
  private Nearest() {}

  /**
   * Returns the element of {@code names} with the smallest edit distance to {@code given}, if a
   * third of its letters or fewer differ: one that is further away was not meant.
   */
  public static Optional<String> near(String given, Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingInt(name -> distance(given, name)))
        .filter(name -> 3 * distance(given, name) <= Math.max(given.length(), name.length()));
  }

  /** Returns the nearest name in a sentence of its own, {@code before} in front; else nothing. */
  public static String hint(String given, Collection<String> names, String before, String after) {
    return near(given, names).map(name -> before + name + after).orElse("");
  }

  /** Returns the Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
