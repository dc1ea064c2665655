package io.dil.train.optim;

import java.util.Arrays;

/**
 * The 256 values that a quantised moment can have, as bitsandbytes' {@code create_dynamic_map}
 * defines them: seven decades below 1, each with twice as many steps as the one below it, so that
 * small numbers keep their order of magnitude and large ones their digits; and 0 and 1.
 *
 * <p>Source: Dettmers 2016, <a href="https://arxiv.org/abs/1511.04561">8-bit approximations</a>,
 * dynamic tree quantisation, with the fields of bitsandbytes.
 */
final class DynamicMap {
  private static final int SIZE = 256;
  private static final int DECADES = 7;

  private DynamicMap() {}

  /** Returns the values in ascending order. */
  static float[] values(boolean signed) {
    float[] values = new float[SIZE];
    int count = 0;
    for (int i = 0; i < DECADES; i++) {
      // linspace(0.1, 1, steps + 1), of which the middles of the steps are taken.
      int steps = signed ? 1 << i : 1 << (i + 1);
      double scale = Math.pow(10, i - (DECADES - 1));
      for (int step = 0; step < steps; step++) {
        double middle = 0.1 + 0.9 * (step + 0.5) / steps;
        values[count++] = (float) (scale * middle);
        if (signed) {
          values[count++] = (float) (-scale * middle);
        }
      }
    }
    values[count++] = 0;
    values[count++] = 1;
    Arrays.sort(values, 0, SIZE);
    return values;
  }

  /** Returns the middles between neighbours: what lies above one rounds to the value above it. */
  static float[] borders(float[] values) {
    float[] borders = new float[SIZE - 1];
    for (int i = 0; i < borders.length; i++) {
      borders[i] = (values[i] + values[i + 1]) / 2;
    }
    return borders;
  }

  /** Returns where 0 stands among the values. */
  static int zero(float[] values) {
    return Arrays.binarySearch(values, 0f);
  }
}
