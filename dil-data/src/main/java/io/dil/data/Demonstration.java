package io.dil.data;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One response to learn from directly (SFT).
 *
 * @param id the data set's own id, or {@code file:line}
 * @param prompt what it answers; {@link Prompt#NONE} for plain text
 * @param response the response
 */
public record Demonstration(String id, Prompt prompt, Turn response) implements Example {
  /** Checks that nothing is missing. */
  public Demonstration {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(response, "response");
  }

  /** A response that is a text. */
  public Demonstration(String id, Prompt prompt, String response) {
    this(id, prompt, new Turn(Turn.ASSISTANT, response));
  }

  @Override
  public List<Turn> answers() {
    return List.of(response);
  }

  @Override
  public Optional<Drop> unusable() {
    return response.isBlank() ? Optional.of(Drop.EMPTY_RESPONSE) : Optional.empty();
  }
}
