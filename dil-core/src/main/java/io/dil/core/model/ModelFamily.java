package io.dil.core.model;

/** Reads the {@code config.json} of one {@code model_type}. */
public interface ModelFamily {
  /** Returns the {@code model_type} that this family answers to. */
  String modelType();

  /** Returns the class in transformers that scores a sequence with one number. */
  String rewardClass();

  /**
   * Reads a configuration.
   *
   * @throws io.dil.core.InputException if it asks for something that this family does not implement
   */
  ModelSpec read(ModelConfig config);
}
