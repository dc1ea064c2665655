package io.dil.train.objective;

/**
 * Summed log-probabilities of a batch's responses under the policy and the reference.
 *
 * @param policy one number a response
 * @param reference the same; a copy of {@code policy} where the loss needs none
 * @param mismatchedPolicy those of the mismatched responses
 * @param mismatchedReference the same under the reference
 * @param alignments of the policy's responses, {@link io.dil.core.model.Pass#alignments}; none
 *     where they are not wanted
 */
public record Scores(
    double[] policy,
    double[] reference,
    double[] mismatchedPolicy,
    double[] mismatchedReference,
    double[] alignments) {
  /** Returns scores without mismatched responses. */
  public static Scores of(double[] policy, double[] reference) {
    return of(policy, reference, new double[0]);
  }

  /** Returns scores without mismatched responses. */
  public static Scores of(double[] policy, double[] reference, double[] alignments) {
    return new Scores(policy, reference, new double[0], new double[0], alignments);
  }
}
