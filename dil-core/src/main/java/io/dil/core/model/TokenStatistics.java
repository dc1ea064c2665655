package io.dil.core.model;

/**
 * Sums over the tokens of a response, of what a language model thought of each before it came.
 *
 * @param entropy of the distributions, in nats
 * @param logits the mean logit of each position, over the whole vocabulary
 * @param top tokens that were the most probable
 * @param tokens of the response
 */
public record TokenStatistics(double entropy, double logits, long top, long tokens) {
  /** Nothing. */
  public static final TokenStatistics NONE = new TokenStatistics(0, 0, 0, 0);

  /** Returns the sums over both. */
  public TokenStatistics plus(TokenStatistics other) {
    return new TokenStatistics(
        entropy + other.entropy, logits + other.logits, top + other.top, tokens + other.tokens);
  }
}
