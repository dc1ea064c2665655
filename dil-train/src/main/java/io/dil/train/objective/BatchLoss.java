package io.dil.train.objective;

import java.util.OptionalDouble;

/**
 * What a loss made of a batch.
 *
 * @param perExample the loss of every example
 * @param gradient ∂(Σ perExample)/∂(summed policy log-probability) of every response
 * @param chosenRewards implicit rewards of the responses that are wanted, one an example that has
 *     one
 * @param rejectedRewards those of the responses that are not
 * @param kl the estimate of KL(π ‖ π_ref) in nats that the loss was taken with; empty for most
 */
public record BatchLoss(
    double[] perExample,
    double[] gradient,
    double[] chosenRewards,
    double[] rejectedRewards,
    OptionalDouble kl) {}
