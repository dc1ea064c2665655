package io.dil.data;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One response with a thumb up or down, as KTO takes it.
 *
 * @param id the data set's own id, or {@code file:line}
 * @param prompt what it answers
 * @param response the response
 * @param desirable whether it was liked
 */
public record LabelledResponse(String id, Prompt prompt, Turn response, boolean desirable)
    implements Example {
  /** Checks that nothing is missing. */
  public LabelledResponse {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(response, "response");
  }

  /** A response that is a text. */
  public LabelledResponse(String id, Prompt prompt, String response, boolean desirable) {
    this(id, prompt, new Turn(Turn.ASSISTANT, response), desirable);
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
