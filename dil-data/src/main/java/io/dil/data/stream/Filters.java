package io.dil.data.stream;

/**
 * Which examples are left out although they are well formed.
 *
 * @param minLength the fewest tokens of prompt and longest response together, after truncation
 * @param maxLength the most; unlike truncation it drops what is longer
 * @param dedupe whether an example that came before in the epoch, prompt and responses alike, is
 *     dropped
 */
public record Filters(int minLength, int maxLength, boolean dedupe) {
  /** Nothing is left out. */
  public static final Filters NONE = new Filters(0, Integer.MAX_VALUE, false);
}
