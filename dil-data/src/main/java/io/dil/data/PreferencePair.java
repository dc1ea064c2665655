package io.dil.data;

import java.util.List;
import java.util.Optional;

/**
 * Two responses to one prompt, of which people (or a judge) prefer the first.
 *
 * @param id the data set's own id, or {@code file:line}
 * @param prompt what both answer
 * @param chosen the preferred response
 * @param rejected the other one
 */
public record PreferencePair(String id, Prompt prompt, Turn chosen, Turn rejected)
    implements Example {
  /** A pair of texts. */
  public PreferencePair(String id, Prompt prompt, String chosen, String rejected) {
    this(id, prompt, new Turn(Turn.ASSISTANT, chosen), new Turn(Turn.ASSISTANT, rejected));
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
