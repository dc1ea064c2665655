package io.dil.core;

import java.util.BitSet;
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
 * @param skipped for each response, the places of tokens that are read but not scored; no list at
 *     all where every token is scored
 */
public record TokenGroup(Tokens prompt, List<Tokens> responses, List<BitSet> skipped) {
  /** A group of which every token of a response is scored. */
  public TokenGroup(Tokens prompt, List<Tokens> responses) {
    this(prompt, responses, List.of());
  }

  /** Checks that there is something to condition on and something to score. */
  public TokenGroup {
    responses = List.copyOf(responses);
    skipped = List.copyOf(skipped);
    if (!skipped.isEmpty() && skipped.size() != responses.size()) {
      throw new IllegalArgumentException(
          "there must be as many sets of skipped tokens as responses, got " + skipped.size());
    }
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

  /** Returns whether a token of a response is scored. */
  public boolean isScored(int response, int token) {
    return skipped.isEmpty() || !skipped.get(response).get(token);
  }

  /** Returns how many tokens of a response are scored. */
  public int scored(int response) {
    int size = responses.get(response).size();
    return skipped.isEmpty() ? size : size - skipped.get(response).get(0, size).cardinality();
  }
}
