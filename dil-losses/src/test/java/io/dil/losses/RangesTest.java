package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ends of every range: which number is the last that is allowed, and which the first not. */
class RangesTest {
  /** Parameters that end above as well; all others take any number, however large. */
  @ParameterizedTest
  @CsvSource({
    "dpo, label_smoothing, 0, 0.4999, 0.5",
    "robust-dpo, label_smoothing, 0, 0.4999, 0.5",
    "aot, label_smoothing, 0, 0.4999, 0.5",
    "aot-unpaired, label_smoothing, 0, 0.4999, 0.5",
    "exo-pair, label_smoothing, 0.0001, 0.4999, 0.5",
    "dil-rulsif, alpha, 0.0001, 0.9999, 1",
    "f-dpo, alpha, 0.0001, 0.9999, 1",
    "discopop, tau, 0.0001, 1, 1.0001",
    "alphapo, alpha, -9.99, 9.99, 10"
  })
  void aRangeEndsWhereItSays(String loss, String parameter, String first, String last, String no) {
    accepted(loss, parameter, first);
    accepted(loss, parameter, last);
    rejected(loss, parameter, no);
  }

  @Test
  void noOtherRangeEndsAbove() {
    Set<String> bounded = new HashSet<>();
    for (LossSpec spec : Losses.describe()) {
      for (LossParameter parameter : spec.parameters()) {
        if (parameter.domain().names().isEmpty() && !parameter.domain().contains(1e300)) {
          bounded.add(spec.name() + " " + parameter.name());
        }
      }
    }
    assertEquals(
        Set.of(
            "dpo label_smoothing",
            "robust-dpo label_smoothing",
            "aot label_smoothing",
            "aot-unpaired label_smoothing",
            "exo-pair label_smoothing",
            "dil-rulsif alpha",
            "f-dpo alpha",
            "discopop tau",
            "alphapo alpha"),
        bounded);
  }

  @ParameterizedTest
  @CsvSource({
    "dpo, beta, false",
    "ipo, tau, false",
    "kto, beta, false",
    "kto, desirable_weight, false",
    "kto, undesirable_weight, false",
    "orpo, beta, false",
    "exo-pair, label_smoothing, false",
    "dil-power, power, false",
    "dil-rulsif, alpha, false",
    "dil-kliep, lagrange, false",
    "dil-lsif, log_ratio_bound, false",
    "discopop, tau, false",
    "f-dpo, alpha, false",
    "robust-dpo, label_smoothing, true",
    "dpo, rpo_alpha, true",
    "cpo, lambda, true",
    "simpo, gamma, true",
    "slic, delta, true",
    "slic, lambda, true",
    "reward-bt, center_rewards_coefficient, true"
  })
  void zeroIsAllowedWhereItMeansSomething(String loss, String parameter, boolean allowed) {
    if (allowed) {
      accepted(loss, parameter, "0");
    } else {
      rejected(loss, parameter, "0");
    }
  }

  private static Map<String, String> with(String loss, String parameter, String value) {
    Map<String, String> parameters = new LinkedHashMap<>(Map.of(parameter, value));
    if (loss.equals("f-dpo") && parameter.equals("alpha")) {
      parameters.put("divergence", "alpha");
    }
    return parameters;
  }

  private static void accepted(String loss, String parameter, String value) {
    assertDoesNotThrow(() -> Losses.create(loss, with(loss, parameter, value)));
  }

  private static void rejected(String loss, String parameter, String value) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Losses.create(loss, with(loss, parameter, value)))
            .getMessage();
    assertTrue(message.startsWith(loss + ": " + parameter + " must be "), message);
    assertTrue(message.endsWith(", got " + value), message);
  }

  @Test
  void aDomainHoldsItsEndsOrNot() {
    ends(Domain.above(2), 2, false, 1e300, true);
    ends(Domain.atLeast(2), 2, true, 1e300, true);
    ends(Domain.between(2, 3), 2, false, 3, false);
    ends(Domain.upTo(2, 3), 2, false, 3, true);
    ends(Domain.halfOpen(2, 3), 2, true, 3, false);
    assertEquals("> 2", Domain.above(2).toString());
    assertEquals(">= 2 or none", Domain.atLeast(2).orNone().toString());
    assertEquals("in (2, 3)", Domain.between(2, 3).toString());
    assertEquals("in (2, 3.5]", Domain.upTo(2, 3.5).toString());
    assertEquals("in [2, 3)", Domain.halfOpen(2, 3).toString());
    assertEquals("one of sum, mean", Domain.namesOf(Reduction.class).toString());
  }

  private static void ends(Domain domain, double low, boolean lowIn, double high, boolean highIn) {
    assertFalse(domain.contains(Math.nextDown(low)));
    assertEquals(lowIn, domain.contains(low));
    assertTrue(domain.contains(Math.nextUp(low)));
    assertTrue(domain.contains(Math.nextDown(high)));
    assertEquals(highIn, domain.contains(high));
    assertEquals(high == 1e300, domain.contains(Math.nextUp(high)));
    assertFalse(domain.contains(Double.POSITIVE_INFINITY));
    assertFalse(domain.contains(Double.NaN));
  }

  static Stream<PreferenceLoss> losses() {
    return Losses.names().stream().map(Losses::create);
  }

  /** A loss that is made in code is checked like one that is made by name. */
  @ParameterizedTest
  @MethodSource("losses")
  void aConstructorChecksEveryNumber(PreferenceLoss loss) throws ReflectiveOperationException {
    RecordComponent[] components = loss.getClass().getRecordComponents();
    Object[] sound = new Object[components.length];
    for (int i = 0; i < sound.length; i++) {
      components[i].getAccessor().setAccessible(true);
      sound[i] = components[i].getAccessor().invoke(loss);
    }
    for (int i = 0; i < sound.length; i++) {
      Object[] arguments = sound.clone();
      if (components[i].getType() == double.class) {
        arguments[i] = Double.NaN;
      } else if (components[i].getType() == OptionalDouble.class) {
        arguments[i] = OptionalDouble.of(-1);
      } else {
        continue;
      }
      String name = components[i].getName();
      InvocationTargetException error =
          assertThrows(InvocationTargetException.class, () -> make(loss, components, arguments));
      assertInstanceOf(IllegalArgumentException.class, error.getCause(), name);
    }
  }

  private static void make(PreferenceLoss like, RecordComponent[] components, Object[] arguments)
      throws ReflectiveOperationException {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    like.getClass().getDeclaredConstructor(types).newInstance(arguments);
  }
}
