package io.dil.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** §4.3 and §4.5 of the paper, by minimising each loss where the answer is known. */
class DensityRatioTest {
  private static final double[] TRUTH =
      DensityRatio.ratio(DensityRatio.chosen(), DensityRatio.reference());

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-bce", "dil-kliep", "dil-power", "dil-rulsif"})
  void eachRecoversTheDensityRatioAndNormalisesItself(String name) {
    double[] ratio =
        DensityRatio.fit(DensityRatio.loss(name, Map.of()), DensityRatio.independentPairs());
    assertArrayEquals(TRUTH, ratio, 1e-6);
    assertEquals(1, DensityRatio.normaliser(ratio), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-bce", "dil-power", "dil-rulsif"})
  void withBothResponsesRealPairsGiveTheSame(String name) {
    double[] ratio =
        DensityRatio.fit(
            DensityRatio.loss(name, Map.of("reference_samples", "both")),
            DensityRatio.preferencePairs());
    assertArrayEquals(TRUTH, ratio, 1e-6);
    assertEquals(1, DensityRatio.normaliser(ratio), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dil-lsif", "dil-ukl", "dil-bce", "dil-power", "dil-rulsif"})
  void withTheRejectedAloneTheRatioIsToTheRejected(String name) {
    double[] ratio =
        DensityRatio.fit(DensityRatio.loss(name, Map.of()), DensityRatio.preferencePairs());
    assertArrayEquals(
        DensityRatio.ratio(DensityRatio.chosen(), DensityRatio.rejected()), ratio, 1e-6);
    assertTrue(DensityRatio.normaliser(ratio) > 1.1, "Z = " + DensityRatio.normaliser(ratio));
  }

  @Test
  void dpoOnIndependentPairsRecoversTheRatioUpToAFactor() {
    double[] ratio =
        DensityRatio.fit(
            DensityRatio.loss("dpo", Map.of("beta", 1)), DensityRatio.independentPairs());
    double factor = ratio[0] / TRUTH[0];
    assertArrayEquals(Arrays.stream(TRUTH).map(x -> x * factor).toArray(), ratio, 1e-6);
    assertTrue(Math.abs(DensityRatio.normaliser(ratio) - 1) > 0.01, "Z = 1 would be chance");
  }

  @Test
  void dpoOnRealPairsRecoversTheRewardInstead() {
    double[] ratio =
        DensityRatio.fit(
            DensityRatio.loss("dpo", Map.of("beta", 1)), DensityRatio.preferencePairs());
    double[] reward = DensityRatio.reward();
    for (int i = 1; i < reward.length; i++) {
      assertEquals(reward[i] - reward[0], Math.log(ratio[i] / ratio[0]), 1e-6);
    }
  }

  @Test
  void theReportIsPrinted() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DensityRatio.report(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertEquals(2 + 7 + 6 + 5, text.lines().filter(line -> line.contains("Z = ")).count());
  }
}
