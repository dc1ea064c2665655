package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds every loss to numbers that others computed: TRL's own code, and the papers' formulas at 60
 * digits. They are made by src/test/python/golden.py and carry the versions of what made them.
 */
class GoldenTest {
  private static final JsonNode INPUTS = read("inputs.json");

  record Golden(String file, JsonNode node) {
    String loss() {
      return node.get("loss").textValue();
    }

    Map<String, String> parameters() {
      Map<String, String> parameters = new LinkedHashMap<>();
      node.get("parameters")
          .properties()
          .forEach(e -> parameters.put(e.getKey(), e.getValue().textValue()));
      return parameters;
    }

    /** TRL computes two of its losses in single precision only. */
    boolean exact() {
      return !node.has("precision");
    }

    PreferenceLoss create() {
      return Losses.create(loss(), parameters());
    }

    @Override
    public String toString() {
      return file + " " + loss() + parameters();
    }
  }

  static Stream<Golden> cases() {
    List<Golden> all = new ArrayList<>();
    for (String file : List.of("trl.json", "closed-form.json")) {
      read(file).get("cases").forEach(node -> all.add(new Golden(file, node)));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void doublePrecisionAgrees(Golden golden) {
    check(golden, DataType.FLOAT64, golden.exact() ? 1e-9 : 1e-5);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void singlePrecisionAgrees(Golden golden) {
    check(golden, DataType.FLOAT32, 1e-5);
  }

  @Test
  void everyLossHasGoldenNumbers() {
    Set<String> missing = new HashSet<>(Losses.names());
    cases().map(Golden::loss).forEach(missing::remove);
    // -s needs no witness; LossContractTest and CustomLossTest hold its value and gradient.
    assertEquals(Set.of("sft"), missing);
  }

  private static void check(Golden golden, DataType type, double tolerance) {
    PreferenceLoss loss = golden.create();
    int pairs = golden.node.get("grad_chosen").size();
    Evaluation actual = Evaluation.of(loss, responses(pairs), type);
    if (golden.node.has("total")) {
      double total = golden.node.get("total").doubleValue();
      assertEquals(total, actual.sum(), tolerance * Math.abs(total));
    }
    boolean trl = golden.file.equals("trl.json");
    JsonNode losses = golden.node.get("losses");
    for (int i = 0; i < pairs; i++) {
      List<Number> expected = new ArrayList<>();
      List<Double> values = new ArrayList<>();
      for (int row = i; row < losses.size(); row += pairs) {
        expected.add(number(losses.get(row)));
        values.add(actual.losses()[row]);
      }
      expected.add(number(golden.node.get("grad_chosen").get(i)));
      values.add(actual.gradient()[i]);
      expected.add(number(golden.node.get("grad_rejected").get(i)));
      values.add(actual.gradient()[pairs + i]);
      compare("pair " + i, expected, values, tolerance, type, trl);
    }
  }

  /**
   * Compares the losses and gradients of one pair. Where the true numbers leave the range of the
   * type, ours must not be finite either: an overflow has to be seen. Where TRL's are not finite,
   * the formula is the judge.
   */
  private static void compare(
      String pair,
      List<Number> expected,
      List<Double> actual,
      double tolerance,
      DataType type,
      boolean trl) {
    double limit = type == DataType.FLOAT64 ? Double.MAX_VALUE : Float.MAX_VALUE;
    boolean inRange =
        expected.stream().allMatch(x -> x != null && Math.abs(x.doubleValue()) < limit);
    if (!inRange) {
      assertTrue(
          trl || !actual.stream().allMatch(Double::isFinite),
          pair + " hides an overflow: " + actual);
      return;
    }
    for (int i = 0; i < actual.size(); i++) {
      double want = expected.get(i).doubleValue();
      // A number may be a difference of larger ones, which rounds like them. The loss shows the
      // size of
      // what it was made from only next to its gradients, and they next to each other.
      boolean gradient = i >= actual.size() - 2;
      double epsilon = type == DataType.FLOAT64 ? Math.ulp(1.0) : Math.ulp(1.0f);
      double rounding =
          gradient
              ? epsilon
                  * (4 * largest(expected.subList(expected.size() - 2, expected.size()))
                      + 0.25 * largest(expected))
              : epsilon * 4 * largest(expected);
      // Below the smallest normal number of the type, digits are lost one by one; and TRL rounds
      // earlier than that, where it takes 1 - sigmoid.
      double floor = trl ? 1e-15 : type == DataType.FLOAT64 ? 1e-290 : 1e-30;
      assertEquals(
          want,
          actual.get(i),
          tolerance * Math.abs(want) + rounding + floor,
          pair + ", number " + i);
    }
  }

  private static double largest(List<Number> numbers) {
    return numbers.stream().mapToDouble(x -> Math.abs(x.doubleValue())).max().orElseThrow();
  }

  private static Number number(JsonNode node) {
    return node.isNull() ? null : node.doubleValue();
  }

  private static Responses responses(int pairs) {
    return new Responses(
        column("policy", pairs),
        column("reference", pairs),
        column("tokens", pairs),
        INPUTS.get("kl").doubleValue());
  }

  private static double[] column(String name, int pairs) {
    return Stream.of("_chosen", "_rejected")
        .flatMapToDouble(
            side ->
                IntStream.range(0, pairs)
                    .mapToDouble(i -> INPUTS.get(name + side).get(i).doubleValue()))
        .toArray();
  }

  private static JsonNode read(String file) {
    try (InputStream in = GoldenTest.class.getResourceAsStream("/golden/" + file)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
