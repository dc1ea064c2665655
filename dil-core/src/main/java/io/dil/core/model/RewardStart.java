package io.dil.core.model;

/**
 * How a language model becomes a reward model. A folder that holds a reward model already has both.
 *
 * @param padToken the id of padding, see {@link RewardHead}
 * @param seed of the draws that the head begins with
 */
public record RewardStart(int padToken, long seed) {}
