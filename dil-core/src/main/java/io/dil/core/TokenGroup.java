package io.dil.core;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

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
 * @param tailWeight what the log-probability of a scored token counts that stands after as many
 *     scored tokens as the shortest response has; 1 where all count alike
 */
public record TokenGroup(
    Tokens prompt, List<Tokens> responses, List<BitSet> skipped, double tailWeight) {
  /** A group of which all scored tokens count alike. */
  public TokenGroup(Tokens prompt, List<Tokens> responses, List<BitSet> skipped) {
    this(prompt, responses, skipped, 1);
  }

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

  /** Returns this group with another {@link #tailWeight}. */
  public TokenGroup withTailWeight(double weight) {
    return new TokenGroup(prompt, responses, skipped, weight);
  }

  /** Returns how many tokens of every response are scored, at least: what they share in length. */
  public int sharedLength() {
    return IntStream.range(0, responses.size()).map(this::scored).min().orElseThrow();
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
