package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;

/**
 * Reads the rotary position embedding of a {@code config.json}: {@code rope_theta} and {@code
 * rope_scaling}, or {@code rope_parameters} as transformers 5 writes them.
 *
 * <p>Unscaled, pair i of d rotated dimensions turns by θ^(−2i/d) a position.
 */
public final class Rotary {
  /** θ where a configuration names none, as in transformers' {@code RotaryEmbeddingConfigMixin}. */
  public static final double DEFAULT_THETA = 10_000;

  private static final String SHARE = "partial_rotary_factor";

  private Rotary() {}

  /** Returns the embedding of a family that rotates all {@code headDim} dimensions of a head. */
  public static RotarySpec read(ModelConfig config, int headDim) {
    return whole(config, parameters(config), headDim, config.number("rope_theta", DEFAULT_THETA));
  }

  /**
   * Returns the embedding of the layers of one type, in a family where types differ. Before
   * transformers 5, {@code rope_scaling} described the layers of full attention alone.
   *
   * @param type one of {@code layer_types}
   * @param theta θ where {@code rope_parameters} does not set it
   */
  public static RotarySpec ofLayerType(ModelConfig config, String type, int headDim, double theta) {
    ModelConfig all = parameters(config);
    boolean nested = all.json().has("full_attention") || all.json().has("sliding_attention");
    if (nested) {
      return whole(config, all.part(type), headDim, theta);
    }
    if (config.json().hasNonNull("rope_parameters") && !all.json().isEmpty()) {
      throw new InputException(
          all.where() + ": must have a part for each layer type, got " + all.json());
    }
    boolean scaled = type.equals("full_attention");
    return whole(config, scaled ? all : config.part("(no scaling)"), headDim, theta);
  }

  private static RotarySpec whole(
      ModelConfig config, ModelConfig parameters, int headDim, double theta) {
    // transformers' families of this kind turn whole heads whatever the factor says, and fail where
    // a scaling reads it.
    double share = parameters.number(SHARE, config.number(SHARE, 1));
    String type =
        parameters.json().path("rope_type").asText(parameters.json().path("type").asText());
    boolean scaled = !type.isEmpty() && !type.equals("default");
    if (share != 1 && scaled) {
      throw new InputException(
          config.where()
              + ": '"
              + SHARE
              + "' must be 1 for a "
              + type
              + " rope of this family, got "
              + share);
    }
    ObjectNode whole =
        parameters.json().isObject()
            ? ((ObjectNode) parameters.json()).deepCopy()
            : JsonNodeFactory.instance.objectNode();
    whole.remove(SHARE);
    return of(config, new ModelConfig(parameters.where(), whole), headDim, theta, 1);
  }

  /**
   * Returns the embedding of a family that rotates the first part of a head's dimensions.
   *
   * @param theta θ where {@code rope_parameters} does not set it
   * @param share the rotated share of a head where {@code rope_parameters} does not set it
   */
  public static RotarySpec partial(ModelConfig config, int headDim, double theta, double share) {
    return of(config, parameters(config), headDim, theta, share);
  }

  /**
   * Returns the part of a configuration that describes the embedding, empty where there is none. As
   * in transformers, {@code rope_scaling} takes the place of {@code rope_parameters}, with what it
   * does not say read from the configuration around it.
   */
  public static ModelConfig parameters(ModelConfig config) {
    JsonNode scaling = config.json().path("rope_scaling");
    return config.part(
        scaling.isObject() && !scaling.isEmpty() ? "rope_scaling" : "rope_parameters");
  }

  /** Returns the embedding that {@code parameters} describes. */
  public static RotarySpec of(
      ModelConfig config, ModelConfig parameters, int headDim, double theta, double share) {
    for (JsonNode value : parameters.json()) {
      if (value.isObject()) {
        throw new InputException(
            parameters.where() + ": must not differ by layer type for this family, got " + value);
      }
    }
    double base = parameters.number("rope_theta", theta);
    if (!(base > 0)) {
      throw new InputException(config.where() + ": 'rope_theta' must be positive, got " + base);
    }
    int dimensions = (int) (headDim * parameters.number(SHARE, share));
    if (dimensions <= 0 || dimensions > headDim || dimensions % 2 != 0) {
      throw new InputException(
          config.where()
              + ": rotary dimensions must be an even number between 2 and the head's "
              + headDim
              + ", got "
              + dimensions);
    }
    String typeKey = parameters.json().hasNonNull("rope_type") ? "rope_type" : "type";
    return RotaryScaling.read(
        new RotaryScaling.Input(config, parameters, (float) base, dimensions), typeKey);
  }
}
