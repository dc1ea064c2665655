package io.dil.core;

import java.util.List;

/**
 * A prompt and the responses that may follow it: two for a preference pair, one for a demonstration
 * or a labelled response.
 *
 * <p>Holding the prompt once is what lets a model compute it once for all of its responses. The
 * boundary is exact by construction: the first scored token is the first of a response.
 *
 * @param prompt the tokens that every response is conditioned on, with the sequence's BOS if the
 *     model wants one; never empty, since the first response token needs a position that predicts
 *     it
 * @param responses the scored continuations; none is empty
 */
public record TokenGroup(Tokens prompt, List<Tokens> responses) {
  /** Checks that there is something to condition on and something to score. */
  public TokenGroup {
    responses = List.copyOf(responses);
    if (prompt.isEmpty()) {
      throw new IllegalArgumentException("prompt must have at least one token, got none");
    }
    if (responses.isEmpty()) {
      throw new IllegalArgumentException("a group must have at least one response, got none");
    }
    for (Tokens response : responses) {
      if (response.isEmpty()) {
        throw new IllegalArgumentException("response must have at least one token, got none");
      }
    }
  }
}
