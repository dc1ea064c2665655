package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Reads which layers of a model see only a window of the positions before them. */
public final class SlidingWindow {
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";
  private static final Set<String> TYPES = new TreeSet<>(Set.of(FULL, SLIDING));

  private SlidingWindow() {}

  /**
   * Returns {@code sliding_window}: null means no limit, an absent key means {@code absent}, the
   * default of the family's configuration class in transformers.
   */
  public static int size(ModelConfig config, int absent) {
    String key = "sliding_window";
    if (config.json().has(key)) {
      return config.size(key, LayerAttention.EVERYTHING);
    }
    return absent;
  }

  /**
   * Returns for every layer whether it slides: what {@code layer_types} says, or, where it is
   * absent, the family's rule.
   *
   * @throws InputException if {@code layer_types} names another kind of attention
   */
  public static List<Boolean> layers(ModelConfig config, int layers, IntPredicate rule) {
    JsonNode types = config.json().path("layer_types");
    List<Boolean> sliding = new ArrayList<>();
    if (types.isMissingNode() || types.isNull()) {
      for (int i = 0; i < layers; i++) {
        sliding.add(rule.test(i));
      }
      return sliding;
    }
    if (!types.isArray() || types.size() != layers) {
      throw new InputException(
          config.where()
              + ": 'layer_types' must list one type for each of "
              + layers
              + " layers, got "
              + types);
    }
    for (JsonNode type : types) {
      if (!TYPES.contains(type.asText())) {
        throw new InputException(
            config.where() + ": 'layer_types' must hold only " + TYPES + ", got " + type);
      }
      sliding.add(type.asText().equals(SLIDING));
    }
    return sliding;
  }

  /**
   * Returns the layers of a model with one position embedding, some of which slide.
   *
   * @param window what those that slide see
   */
  public static List<LayerAttention> attention(
      ModelConfig config, List<Boolean> sliding, int window, RotarySpec rotary) {
    if (window == LayerAttention.EVERYTHING && sliding.contains(true)) {
      throw new InputException(
          config.where()
              + ": 'layer_types' asks for "
              + SLIDING
              + " but no sliding window is set; set 'sliding_window' or change the types");
    }
    List<LayerAttention> all = new ArrayList<>();
    for (boolean slides : sliding) {
      all.add(new LayerAttention(slides ? window : LayerAttention.EVERYTHING, rotary));
    }
    return all;
  }

  /**
   * Returns the layers of a Qwen: with {@code use_sliding_window}, those from {@code
   * max_window_layers} up slide, unless {@code layer_types} says otherwise.
   */
  public static List<LayerAttention> ofUpperLayers(ModelConfig config, RotarySpec rotary) {
    int layers = config.size("num_hidden_layers");
    int window =
        config.flag("use_sliding_window", false) ? size(config, 4096) : LayerAttention.EVERYTHING;
    return attention(
        config,
        layers(
            config,
            layers,
            i -> window < LayerAttention.EVERYTHING && i >= config.size("max_window_layers", 28)),
        window,
        rotary);
  }
}
