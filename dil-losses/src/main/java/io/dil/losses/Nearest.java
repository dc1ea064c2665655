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

  /** Returns the edit distance, in which two letters that changed places count once. */
  private static int distance(String a, String b) {
    int[][] table = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          table[i][j] = i + j;
          continue;
        }
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least = Math.min(table[i - 1][j - 1] + same, 1 + table[i - 1][j]);
        least = Math.min(least, 1 + table[i][j - 1]);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        table[i][j] = swapped ? Math.min(least, 1 + table[i - 2][j - 2]) : least;
      }
    }
    return table[a.length()][b.length()];
  }
}
