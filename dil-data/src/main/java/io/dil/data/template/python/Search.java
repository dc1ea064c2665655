package io.dil.data.template.python;

/** Finds a text in another in linear time, however alike the two are. */
public final class Search {
  /** Up to here the plain way is the quickest and its worst case is small. */
  private static final int SHORT = 32;

  private Search() {}

  /** Returns where {@code wanted} begins at or after {@code from}, in units, or -1. */
  public static int first(String text, String wanted, int from, Budget budget) {
    if (wanted.length() <= SHORT) {
      int at = text.indexOf(wanted, from);
      budget.read((at < 0 ? text.length() : at) - Math.min(from, text.length()));
      return at;
    }
    if (wanted.length() > text.length() - from) {
      return -1;
    }
    int[] border = borders(wanted, budget);
    int matched = 0;
    for (int i = from; i < text.length(); i++) {
      if ((i & 255) == 0) {
        budget.read(256);
      }
      while (matched > 0 && text.charAt(i) != wanted.charAt(matched)) {
        matched = border[matched - 1];
      }
      if (text.charAt(i) == wanted.charAt(matched)) {
        matched++;
      }
      if (matched == wanted.length()) {
        return i - matched + 1;
      }
    }
    return -1;
  }

  /** Returns the last place at which {@code wanted} ends at or before {@code to}, or -1. */
  public static int last(String text, String wanted, int to, Budget budget) {
    if (wanted.length() <= SHORT) {
      budget.read(text.length());
      return text.lastIndexOf(wanted, to - wanted.length());
    }
    int found = -1;
    for (int at = first(text, wanted, 0, budget);
        at >= 0 && at + wanted.length() <= to;
        at = first(text, wanted, at + 1, budget)) {
      found = at;
    }
    return found;
  }

  /** Knuth, Morris and Pratt: the longest proper prefix that ends at each place. */
  private static int[] borders(String wanted, Budget budget) {
    budget.elements(wanted.length() / 2);
    int[] border = new int[wanted.length()];
    int matched = 0;
    for (int i = 1; i < wanted.length(); i++) {
      while (matched > 0 && wanted.charAt(i) != wanted.charAt(matched)) {
        matched = border[matched - 1];
      }
      if (wanted.charAt(i) == wanted.charAt(matched)) {
        matched++;
      }
      border[i] = matched;
    }
    return border;
  }
}
