package io.dil.core.model;

import java.util.Collections;
import java.util.List;

/**
 * What may differ between the layers of a model.
 *
 * @param window how many positions a query sees, the last of them its own; {@link #EVERYTHING} for
 *     no limit
 * @param rotary the position embedding of its queries and keys
 */
public record LayerAttention(int window, RotarySpec rotary) {
  /** The window of a layer whose queries see all positions before them. */
  public static final int EVERYTHING = Integer.MAX_VALUE;

  /** Returns {@code layers} layers that are alike. */
  public static List<LayerAttention> alike(int layers, int window, RotarySpec rotary) {
    return Collections.nCopies(layers, new LayerAttention(window, rotary));
  }
}
