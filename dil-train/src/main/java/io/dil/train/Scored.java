package io.dil.train;

import java.util.List;

/**
 * What a model gives the responses of an example.
 *
 * @param id the example's
 * @param logProbs for each response, chosen before rejected, the natural log-probability of its
 *     tokens after the prompt, summed
 * @param tokens for each response, how many those are
 */
public record Scored(String id, List<Double> logProbs, List<Integer> tokens) {
  /** Keeps copies. */
  public Scored {
    logProbs = List.copyOf(logProbs);
    tokens = List.copyOf(tokens);
  }

  /** Returns the mean log-probability of a token of a response. */
  public double perToken(int response) {
    return logProbs.get(response) / tokens.get(response);
  }
}
