package io.dil.core.model;

/**
 * Reads the {@code config.json} of one {@code model_type}.
 *
 * <p>A family of one's own has a public constructor without arguments, and its name stands in
 * {@code META-INF/services/io.dil.core.model.ModelFamily}; {@link io.dil.core.model.llama.Llama} is
 * one to copy from.
 */
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
