package io.dil.data.token;

import io.dil.core.Tokens;
import io.dil.data.Turn;
import java.util.Optional;

/** A prompt that has been tokenised, ready for the responses to it. */
interface OpenedPrompt {
  /** Returns the prompt's ids, with the BOS where the model wants one. */
  Tokens tokens();

  /**
   * Returns a response's ids with what ends it; empty if the chat template leaves no boundary
   * between the two.
   *
   * @throws UnseenTurn if the chat template passes over it
   */
  Optional<Tokens> response(Turn answer);
}
