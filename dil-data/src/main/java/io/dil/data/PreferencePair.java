package io.dil.data;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Two responses to one prompt, of which people (or a judge) prefer the first.
 *
 * @param id the data set's own id, or {@code file:line}
 * @param prompt what both answer
 * @param chosen the preferred response
 * @param rejected the other one
 * @param margin by how much a reward model should at least prefer the first; 0 where nothing is
 *     asked for
 */
public record PreferencePair(String id, Prompt prompt, Turn chosen, Turn rejected, double margin)
    implements Example {
  /** Checks the margin, and that nothing is missing. */
  public PreferencePair {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(chosen, "chosen");
    Objects.requireNonNull(rejected, "rejected");
    if (!Double.isFinite(margin)) {
      throw new IllegalArgumentException("margin must be finite, got " + margin);
    }
  }

  /** A pair without a margin. */
  public PreferencePair(String id, Prompt prompt, Turn chosen, Turn rejected) {
    this(id, prompt, chosen, rejected, 0);
  }

  /** A pair of texts. */
  public PreferencePair(String id, Prompt prompt, String chosen, String rejected) {
    this(id, prompt, new Turn(Turn.ASSISTANT, chosen), new Turn(Turn.ASSISTANT, rejected));
  }

  /** Returns this pair with a margin. */
  public PreferencePair withMargin(double newMargin) {
    return new PreferencePair(id, prompt, chosen, rejected, newMargin);
  }

  @Override
  public List<Turn> answers() {
    return List.of(chosen, rejected);
  }

  @Override
  public Optional<Drop> unusable() {
    if (chosen.isBlank() || rejected.isBlank()) {
      return Optional.of(Drop.EMPTY_RESPONSE);
    }
    return chosen.equals(rejected) ? Optional.of(Drop.IDENTICAL_RESPONSES) : Optional.empty();
  }
}
