package io.dil.train.objective;

/**
 * What a loss made of a batch.
 *
 * @param perExample the loss of every example
 * @param gradient ∂(Σ perExample)/∂(summed policy log-probability) of every response
 * @param chosenRewards implicit rewards of the responses that are wanted, one an example that has
 *     one
 * @param rejectedRewards those of the responses that are not
 */
public record BatchLoss(
    double[] perExample, double[] gradient, double[] chosenRewards, double[] rejectedRewards) {}
