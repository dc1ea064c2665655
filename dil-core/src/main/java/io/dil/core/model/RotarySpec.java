package io.dil.core.model;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Inverse frequencies of a rotary position embedding, computed once from a model's configuration.
 *
 * @param inverseFrequencies one angular frequency for each pair of rotated dimensions, in radians a
 *     position
 * @param scale factor of the cosines and sines, 1 for most
 * @param beyond what changes for long sequences, or null where nothing does
 */
public record RotarySpec(float[] inverseFrequencies, float scale, @Nullable Beyond beyond) {
  /**
   * Other frequencies for sequences longer than the original context. They depend on the length of
   * the whole sequence, so its first tokens turn otherwise too.
   *
   * @param context the longest sequence that keeps the unscaled frequencies
   * @param frequencies the frequencies of a longer sequence, by its length
   * @param restarts whether a cache is computed again when its sequence outgrows the context;
   *     transformers does so for Phi-3 and lets old keys stand for dynamic NTK
   */
  public record Beyond(int context, IntFunction<float[]> frequencies, boolean restarts) {}

  /** Returns frequencies that hold for sequences of every length. */
  static RotarySpec fixed(float[] inverseFrequencies, double scale) {
    return new RotarySpec(inverseFrequencies, (float) scale, null);
  }

  /** Returns the frequencies of a sequence of {@code length} tokens. */
  float[] frequencies(int length) {
    return beyond == null || length <= beyond.context
        ? inverseFrequencies
        : beyond.frequencies.apply(length);
  }

  /** Returns whether sequences of two lengths turn alike, and so can share their first tokens. */
  boolean sameFor(int length, int other) {
    return beyond == null || Arrays.equals(frequencies(length), frequencies(other));
  }

  /** Returns whether a cache must be computed again when its sequence grows. */
  boolean restarts(int from, int to) {
    return beyond != null
        && beyond.restarts
        && from > 0
        && from <= beyond.context
        && to > beyond.context;
  }

  /**
   * Returns {@code {cos, sin}} of tokens, row by row, each row holding the angles twice over, as
   * the half-split rotation reads them. Angles are products in fp32, as in transformers, whose
   * rounding shows at long positions.
   *
   * @param positions where each token stands
   * @param lengths the length of each token's sequence
   */
  float[][] rows(long[] positions, long[] lengths) {
    int half = inverseFrequencies.length;
    float[] cos = new float[positions.length * 2 * half];
    float[] sin = new float[positions.length * 2 * half];
    float[] frequencies = inverseFrequencies;
    for (int token = 0; token < positions.length; token++) {
      if (token == 0 || lengths[token] != lengths[token - 1]) {
        frequencies = frequencies((int) lengths[token]);
      }
      int row = token * 2 * half;
      for (int i = 0; i < half; i++) {
        float angle = positions[token] * frequencies[i];
        float c = (float) Math.cos(angle) * scale;
        float s = (float) Math.sin(angle) * scale;
        cos[row + i] = c;
        cos[row + half + i] = c;
        sin[row + i] = s;
        sin[row + half + i] = s;
      }
    }
    return new float[][] {cos, sin};
  }
}
