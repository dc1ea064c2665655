package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing is ignored silently: every parameter of every loss changes its value, or is rejected. */
class LossParametersTest {
  private static final Responses DATA = Responses.random(21, 8);

  static Stream<Arguments> parameters() {
    return Losses.describe().stream()
        .flatMap(
            spec -> spec.parameters().stream().map(parameter -> Arguments.of(spec, parameter)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("parameters")
  void changingItChangesTheValueOrIsRejected(LossSpec spec, LossParameter parameter) {
    double[] before = Evaluation.of(spec.create(Map.of()), DATA).losses();
    for (String value : others(parameter)) {
      PreferenceLoss changed;
      try {
        changed = spec.create(Map.of(parameter.name(), value));
      } catch (IllegalArgumentException rejected) {
        assertTrue(
            rejected.getMessage().startsWith(spec.name() + ": " + parameter.name()),
            rejected.getMessage());
        continue;
      }
      assertFalse(
          Arrays.equals(before, Evaluation.of(changed, DATA).losses()),
          () -> spec.name() + " ignores " + parameter.name() + "=" + value);
    }
  }

  /** Allowed values other than the default, inside the range and near its ends. */
  private static List<String> others(LossParameter parameter) {
    Domain domain = parameter.domain();
    Stream<String> candidates =
        domain.names().isEmpty()
            ? Stream.of("0.001", "0.3", "0.7", "2.5", "40")
                .filter(number -> domain.contains(Double.parseDouble(number)))
                // A bound beyond every log-ratio of the data must, rightly, change nothing.
                .filter(number -> !domain.allowsNone() || Double.parseDouble(number) < 0.01)
            : domain.names().stream();
    List<String> values =
        candidates.filter(value -> !value.equals(parameter.defaultValue())).toList();
    assertFalse(values.isEmpty(), "no other value of " + parameter.name());
    return values;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("parameters")
  void theDefaultIsAllowedAndStatedWithItsSource(LossSpec spec, LossParameter parameter) {
    double[] implied = Evaluation.of(spec.create(Map.of()), DATA).losses();
    assertFalse(parameter.description().isBlank());
    assertFalse(parameter.source().isBlank());
    PreferenceLoss stated;
    try {
      stated = spec.create(Map.of(parameter.name(), parameter.defaultValue()));
    } catch (IllegalArgumentException unused) {
      assertTrue(unused.getMessage().contains("is used only with"), unused.getMessage());
      return;
    }
    assertEquals(Arrays.toString(implied), Arrays.toString(Evaluation.of(stated, DATA).losses()));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("parameters")
  void nonsenseIsRejectedWithTheRule(LossSpec spec, LossParameter parameter) {
    for (String nonsense : List.of("-11", "NaN", "Infinity", "many", "", "true")) {
      IllegalArgumentException error =
          assertThrows(
              IllegalArgumentException.class,
              () -> spec.create(Map.of(parameter.name(), nonsense)));
      assertEquals(
          spec.name()
              + ": "
              + parameter.name()
              + " must be "
              + parameter.domain()
              + ", got "
              + nonsense,
          error.getMessage());
    }
  }

  static Stream<LossSpec> specs() {
    return Losses.describe().stream();
  }

  @ParameterizedTest
  @MethodSource("specs")
  void aParameterOfAnotherLossIsRejected(LossSpec spec) {
    List<String> own = spec.parameters().stream().map(LossParameter::name).toList();
    parameters()
        .map(arguments -> ((LossParameter) arguments.get()[1]))
        .filter(other -> !own.contains(other.name()))
        .filter(
            other -> spec.parameters().stream().noneMatch(p -> p.aliases().contains(other.name())))
        .forEach(
            other -> {
              IllegalArgumentException error =
                  assertThrows(
                      IllegalArgumentException.class,
                      () -> spec.create(Map.of(other.name(), other.defaultValue())));
              assertTrue(
                  error
                      .getMessage()
                      .startsWith(
                          spec.name() + ": parameter must be one of " + String.join(", ", own)),
                  error.getMessage());
            });
  }

  @ParameterizedTest
  @MethodSource("specs")
  void everyAliasMakesTheLossWithWhatItImplies(LossSpec spec) {
    spec.aliases()
        .forEach(
            (alias, implied) -> {
              assertEquals(
                  spec.create(implied),
                  Losses.create(alias.replace('-', '_').toUpperCase(Locale.ROOT)));
            });
  }

  @Test
  void whatIsGivenOverridesWhatAnAliasImplies() {
    assertEquals(
        Losses.create("dpo", Map.of("label_smoothing", 0.2)),
        Losses.create("cdpo", Map.of("label_smoothing", "0.2")));
    assertEquals(
        Losses.create("dpo", Map.of("rpo_alpha", 0.2)),
        Losses.create("rpo", Map.of("sft-weight", "0.2")));
  }

  @ParameterizedTest
  @CsvSource({
    "cpo, cpo_alpha, lambda",
    "simpo, simpo_gamma, gamma",
    "discopop, discopop_tau, tau",
    "ipo, beta, tau",
    "orpo, lambda, beta"
  })
  void otherLibrariesNamesOfParametersAreTaken(String loss, String theirs, String ours) {
    assertEquals(
        Losses.create(loss, Map.of(ours, "0.25")), Losses.create(loss, Map.of(theirs, "0.25")));
  }

  @Test
  void oneParameterUnderTwoNamesIsRejected() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> Losses.create("ipo", Map.of("tau", 0.1, "beta", 0.1)));
    assertEquals("ipo: tau must be given once, got it twice", error.getMessage());
  }

  @Test
  void anUnknownLossNamesTheNearest() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Losses.create("dil-lsiff")).getMessage();
    assertEquals(
        "loss must be one of "
            + String.join(", ", Losses.names())
            + ", got dil-lsiff (nearest: dil-lsif)",
        message);
  }

  @Test
  void aParameterThatTheVariantIgnoresIsRejected() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Losses.create("f-dpo", Map.of("divergence", "js", "alpha", 0.3)))
            .getMessage();
    assertEquals("f-dpo: alpha is used only with divergence=alpha", message);
  }

  @Test
  void everySearchSpaceHoldsAllowedValues() {
    for (SearchSpace space : SearchSpace.paper()) {
      assertEquals(space, SearchSpace.named(space.name()));
      int expected =
          space.values().values().stream().mapToInt(List::size).reduce(1, (a, b) -> a * b);
      assertEquals(expected, space.combinations().size());
      space.combinations().forEach(values -> Losses.create(space.loss(), values));
    }
    assertEquals(12, SearchSpace.named("paper-simpo").combinations().size());
  }

  @Test
  void theListHoldsWhatTheCommandLinePromises() {
    List<String> promised =
        List.of(
            "dil-lsif",
            "dil-ukl",
            "dil-bce",
            "dil-kliep",
            "dil-power",
            "dil-rulsif",
            "dpo",
            "f-dpo",
            "ipo",
            "slic",
            "cpo",
            "simpo",
            "kto",
            "hinge",
            "robust-dpo",
            "orpo",
            "bco-pair",
            "nca-pair",
            "exo-pair",
            "apo-zero",
            "apo-down",
            "apo-zero-unpaired",
            "alphapo",
            "simper",
            "sppo-hard",
            "aot",
            "aot-unpaired",
            "discopop",
            "reward-bt",
            "sft");
    assertTrue(Losses.names().containsAll(promised));
    for (String trl :
        List.of(
            "sigmoid",
            "hinge",
            "ipo",
            "exo_pair",
            "nca_pair",
            "robust",
            "bco_pair",
            "sppo_hard",
            "aot",
            "aot_unpaired",
            "apo_zero",
            "apo_down",
            "apo_zero_unpaired",
            "alphapo",
            "discopop",
            "sft",
            "sigmoid_norm",
            "kto_pair",
            "simpo")) {
      Losses.create(trl);
    }
  }
}
