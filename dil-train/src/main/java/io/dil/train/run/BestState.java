package io.dil.train.run;

/**
 * What a run knows of its best model.
 *
 * @param value of the metric that decides
 * @param step that it was evaluated at
 * @param kept the step of the best model that a checkpoint was written of; 0 for none
 */
public record BestState(double value, long step, long kept) {}
