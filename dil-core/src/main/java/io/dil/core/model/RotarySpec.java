package io.dil.core.model;

/**
 * Inverse frequencies of a rotary position embedding, computed once from a model's configuration.
 *
 * @param inverseFrequencies one angular frequency for each pair of rotated dimensions, in radians a
 *     position
 * @param scale factor of the cosines and sines, 1 for most
 */
public record RotarySpec(float[] inverseFrequencies, float scale) {
  /**
   * Returns {@code {cos, sin}} of positions {@code 0..positions-1}, row by row, each row holding
   * the angles twice over, as the half-split rotation reads them. Angles are products in fp32, as
   * in transformers, whose rounding shows at long positions.
   */
  float[][] tables(int positions) {
    int half = inverseFrequencies.length;
    float[] cos = new float[positions * 2 * half];
    float[] sin = new float[positions * 2 * half];
    for (int position = 0; position < positions; position++) {
      int row = position * 2 * half;
      for (int i = 0; i < half; i++) {
        float angle = position * inverseFrequencies[i];
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
