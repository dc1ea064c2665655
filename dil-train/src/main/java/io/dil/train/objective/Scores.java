package io.dil.train.objective;

/**
 * Summed log-probabilities of a batch's responses under the policy and the reference.
 *
 * @param policy one number a response
 * @param reference the same; a copy of {@code policy} where the loss needs none
 * @param mismatchedPolicy those of the mismatched responses
 * @param mismatchedReference the same under the reference
 */
public record Scores(
    double[] policy, double[] reference, double[] mismatchedPolicy, double[] mismatchedReference) {
  /** Returns scores without mismatched responses. */
  public static Scores of(double[] policy, double[] reference) {
    return new Scores(policy, reference, new double[0], new double[0]);
  }
}
