package io.dil.train.eval;

import io.dil.core.Tokens;
import java.util.List;

/** The tokens that the contexts of a task begin with alike: description and shots. */
final class SharedPrefix {
  /** How many contexts are looked at; one that begins otherwise is computed whole. */
  static final int LOOKED_AT = 8;

  /** Fewer contexts, or fewer tokens of them, are not worth a pass of their own. */
  private static final int FEWEST_CONTEXTS = 3;

  private static final int SHORTEST = 48;

  private SharedPrefix() {}

  /**
   * Returns the prefix, empty where none is worth it.
   *
   * @param contexts the first contexts of a task
   * @param maxLength the longest sequence; a context that loses its start has no prefix
   */
  static Tokens of(List<Tokens> contexts, int maxLength) {
    if (contexts.size() < FEWEST_CONTEXTS) {
      return Tokens.of();
    }
    Tokens first = contexts.get(0);
    int size = first.size() - 1;
    for (Tokens other : contexts) {
      // The last token stays with what follows: its position predicts a choice's first.
      int same = 0;
      while (same < Math.min(size, other.size() - 1) && first.get(same) == other.get(same)) {
        same++;
      }
      size = same;
    }
    return size < SHORTEST || size >= maxLength ? Tokens.of() : first.slice(0, size);
  }
}
