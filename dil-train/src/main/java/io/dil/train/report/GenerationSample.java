package io.dil.train.report;

/**
 * What the model answered to one prompt before training and after it.
 *
 * @param prompt the text that both continuations follow
 * @param promptNote what of the prompt is missing; empty where it is whole
 * @param before the continuation by the model as it was loaded
 * @param beforeNote where it is cut; empty where it is whole
 * @param after the continuation by the trained model, decoded in the same way
 * @param afterNote where it is cut; empty where it is whole
 */
public record GenerationSample(
    String prompt,
    String promptNote,
    String before,
    String beforeNote,
    String after,
    String afterNote) {
  /** Returns this sample with the trained model's answer, which {@code other} has as its before. */
  public GenerationSample with(GenerationSample other) {
    return new GenerationSample(
        other.prompt, other.promptNote, before, beforeNote, other.before, other.beforeNote);
  }
}
