package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThinningTest {

  private static Curve random(long seed, int count) {
    Random random = new Random(seed);
    return Curve.of(
        Runs.of(count, "x", step -> step % 7 == 0 ? Double.NaN : random.nextGaussian()), "x");
  }

  @Test
  void aShortRunIsDrawnWhole() {
    assertArrayEquals(IntStream.range(0, 30).toArray(), Thinning.rows(List.of(random(1, 30)), 500));
  }

  @Test
  void everyRunOfRowsKeepsItsExtremesForEveryCurve() {
    int count = 1_000;
    int buckets = 10;
    List<Curve> curves = List.of(random(2, count), random(3, count));
    int[] rows = Thinning.rows(curves, buckets);

    assertTrue(rows.length <= 2 * 2 * buckets + 2);
    assertEquals(0, rows[0]);
    assertEquals(count - 1, rows[rows.length - 1]);
    for (Curve curve : curves) {
      for (int bucket = 0; bucket < buckets; bucket++) {
        int from = bucket * count / buckets;
        int to = (bucket + 1) * count / buckets;
        assertEquals(
            IntStream.range(from, to).mapToDouble(curve::value).filter(Double::isFinite).max(),
            Arrays.stream(rows)
                .filter(row -> row >= from && row < to)
                .mapToDouble(curve::value)
                .filter(Double::isFinite)
                .max());
      }
    }
  }

  @Test
  void nothingIsThinnedToNothing() {
    assertEquals(0, Thinning.rows(List.of(), 500).length);
    assertEquals(0, Thinning.rows(List.of(random(4, 0)), 500).length);
  }
}
