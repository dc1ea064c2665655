package io.dil.data.stream;

import java.util.Optional;

/**
 * Which examples are left out although they are well formed.
 *
 * @param minLength the fewest tokens of prompt and longest response together, after truncation
 * @param maxLength the most; unlike truncation it drops what is longer
 * @param dedupe whether an example that came before in the epoch, prompt and responses alike, is
 *     dropped
 * @param decontamination the texts that examples must not share a long run of words with
 */
public record Filters(
    int minLength, int maxLength, boolean dedupe, Optional<Decontamination> decontamination) {
  /** Nothing is left out. */
  public static final Filters NONE = new Filters(0, Integer.MAX_VALUE, false);

  /** Filters without a decontamination list. */
  public Filters(int minLength, int maxLength, boolean dedupe) {
    this(minLength, maxLength, dedupe, Optional.empty());
  }
}
