package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tenth of the longer response, whichever that is, is where lengths stop being similar. */
class LengthAccuracyTest {
  @ParameterizedTest
  @CsvSource({
    "10, 9, similar",
    "9, 10, similar",
    "10, 10, similar",
    "10, 8, longer",
    "8, 10, shorter",
    "21, 19, similar",
    "19, 21, similar",
    "1, 2, shorter"
  })
  void lengths(int chosen, int rejected, String kind) {
    LengthAccuracy accuracy = new LengthAccuracy();
    accuracy.add(1, chosen, rejected);
    assertEquals(Map.of("pairs_" + kind, 1.0), accuracy.counts());
    assertEquals(
        Map.of(
            "accuracies_" + kind,
            1.0,
            "accuracies_of_length",
            chosen > rejected ? 1 : chosen == rejected ? 0.5 : 0.0),
        accuracy.accuracies());
  }
}
