package io.dil.train.report;

/**
 * What the model answered to one prompt before training and after it.
 *
 * @param prompt the text that both continuations follow
 * @param before the continuation by the model as it was loaded
 * @param after the continuation by the trained model, decoded in the same way
 */
public record GenerationSample(String prompt, String before, String after) {}
