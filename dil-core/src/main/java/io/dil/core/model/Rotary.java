package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import java.util.Set;

/**
 * Reads the rotary position embedding of a {@code config.json}: {@code rope_theta} and {@code
 * rope_scaling}, or {@code rope_parameters} as newer versions of transformers write them.
 *
 * <p>Unscaled, pair i of d rotated dimensions turns by θ^(−2i/d) a position.
 */
public final class Rotary {
  private static final Set<String> TYPES = Set.of("default", "linear", "llama3");

  private Rotary() {}

  /**
   * Returns the embedding that a configuration describes.
   *
   * @param dimensions the rotated dimensions of a head, an even number
   */
  public static RotarySpec read(ModelConfig config, int dimensions) {
    if (dimensions <= 0 || dimensions % 2 != 0) {
      throw new InputException(
          config.where() + ": rotary dimensions must be a positive even number, got " + dimensions);
    }
    JsonNode json = config.json();
    String key = json.hasNonNull("rope_parameters") ? "rope_parameters" : "rope_scaling";
    ModelConfig scaling = config.part(key);
    double theta =
        scaling.json().hasNonNull("rope_theta")
            ? scaling.number("rope_theta", 0)
            : config.number("rope_theta", 10_000);
    if (!(theta > 0)) {
      throw new InputException(config.where() + ": 'rope_theta' must be positive, got " + theta);
    }
    float[] frequencies = new float[dimensions / 2];
    for (int i = 0; i < frequencies.length; i++) {
      // In fp32 step by step, as transformers computes them: a last bit here is a turn at position
      // 500.
      frequencies[i] = 1 / (float) Math.pow((float) theta, 2f * i / dimensions);
    }
    if (!json.hasNonNull(key)) {
      return new RotarySpec(frequencies, 1);
    }
    String typeKey = scaling.json().hasNonNull("rope_type") ? "rope_type" : "type";
    switch (scaling.choice(typeKey, "default", TYPES)) {
      case "linear" -> {
        double factor = positive(scaling, "factor");
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] /= (float) factor;
        }
      }
      case "llama3" -> llama3(frequencies, scaling);
      default -> {
        // The unscaled frequencies stand.
      }
    }
    return new RotarySpec(frequencies, 1);
  }

  /*
   * Llama 3.1: wavelengths longer than the original context are slowed by `factor`, short ones are kept,
   * and those between are blended linearly in original_context / wavelength.
   */
  private static void llama3(float[] frequencies, ModelConfig scaling) {
    double factor = positive(scaling, "factor");
    double low = positive(scaling, "low_freq_factor");
    double high = positive(scaling, "high_freq_factor");
    double context = positive(scaling, "original_max_position_embeddings");
    if (high <= low) {
      throw new InputException(
          scaling.where() + ": 'high_freq_factor' must exceed 'low_freq_factor', got " + high);
    }
    for (int i = 0; i < frequencies.length; i++) {
      double frequency = frequencies[i];
      double turns = context * frequency / (2 * Math.PI);
      if (turns < low) {
        frequencies[i] = (float) (frequency / factor);
      } else if (turns <= high) {
        double smooth = (turns - low) / (high - low);
        frequencies[i] = (float) ((1 - smooth) * frequency / factor + smooth * frequency);
      }
    }
  }

  private static double positive(ModelConfig scaling, String key) {
    double value = scaling.number(key, Double.NaN);
    if (!(value > 0)) {
      throw new InputException(
          scaling.where() + ": '" + key + "' must be a positive number, got " + value);
    }
    return value;
  }
}
