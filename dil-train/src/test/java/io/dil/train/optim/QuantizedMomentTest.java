package io.dil.train.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds moments in 8 bits to bitsandbytes (quantized.py). */
class QuantizedMomentTest {
  static Stream<JsonNode> cases() throws IOException {
    try (InputStream stream =
        QuantizedMomentTest.class.getResourceAsStream("/optim/quantized.json")) {
      JsonNode cases = new ObjectMapper().readTree(stream).path("cases");
      return Stream.of(cases.get(0), cases.get(1));
    }
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAreThoseOfBitsandbytes(JsonNode expected) {
    assertArrayEquals(
        floats(expected.path("values")),
        DynamicMap.values(expected.path("signed").asBoolean()),
        1e-7f);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void numbersRoundToTheNearestValue(JsonNode expected) {
    float[] numbers = floats(expected.path("numbers"));
    float[] back = floats(expected.path("back"));
    float[] scales = floats(expected.path("scales"));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Kernels kernels = new Kernels(manager)) {
      QuantizedMoment moment =
          new QuantizedMoment(
              manager, kernels, new Shape(1, numbers.length), expected.path("signed").asBoolean());
      moment.close(manager.create(numbers, new Shape(1, numbers.length)), 0);
      assertArrayEquals(scales, moment.stored().get(1).array().toFloatArray());
      float[] got = moment.open(manager, 0, 1).toFloatArray();
      int equal = 0;
      for (int i = 0; i < got.length; i++) {
        // bitsandbytes' kernel for processors finds small numbers by a coarse table, not the
        // nearest.
        double theirs = Math.abs(back[i] - numbers[i]);
        double scale = scales[i / OptimizerType.BLOCK];
        assertTrue(Math.abs(got[i] - numbers[i]) <= theirs + 1e-7 * scale, "number " + i);
        if (Math.abs(numbers[i]) >= 0.01 * scale) {
          assertEquals(back[i], got[i], 1e-6 * scale, "number " + i);
          equal++;
        }
      }
      assertTrue(equal > got.length / 4, "compared: " + equal);
    }
  }

  @Test
  void aFreshMomentIsZeroAndRowsAreWhereTheyBelong() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Kernels kernels = new Kernels(manager)) {
      QuantizedMoment moment = new QuantizedMoment(manager, kernels, new Shape(3, 300), true);
      assertEquals(0, moment.open(manager, 0, 3).abs().sum().getFloat());
      try (NDArray ones = manager.ones(new Shape(1, 300))) {
        moment.close(ones, 1);
      }
      assertEquals(300, moment.open(manager, 0, 3).sum().getFloat());
      assertEquals(300, moment.open(manager, 1, 1).sum().getFloat());
    }
  }
}
