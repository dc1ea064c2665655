package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Dropout;
import io.dil.core.model.LowRank;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Parameter;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.Recompute;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.core.model.lora.LoraAdapter;
import io.dil.core.model.lora.LoraConfig;
import io.dil.core.model.lora.LoraTargets;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Low-rank adapters of one model: what they compute, their gradients, and what they leave alone.
 */
class LoraTest {
  private static final List<TokenGroup> GROUPS =
      List.of(
          new TokenGroup(
              Tokens.of(1, 3, 17, 21), List.of(Tokens.of(9, 12, 5, 2), Tokens.of(40, 8, 2))),
          new TokenGroup(
              Tokens.of(1, 30, 11), List.of(Tokens.of(33, 2), Tokens.of(7, 7, 50, 60, 2))));
  private static final double[] WEIGHTS = {0.7, -1.3, 0.4, 0.9};

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAdapterComputesWhatTheMergedModelComputes(boolean rankStabilized) throws IOException {
    try (DecoderLm base = load("model");
        LoraAdapter adapter = adapter(base, LoraTargets.ALL, rankStabilized, 1);
        DecoderLm adapted = base.with(adapter.changes())) {
      ModelWriter.write(
          folder.resolve("merged"), adapted, ModelFolder.open(folder.resolve("model")));
      try (DecoderLm merged = load("merged")) {
        double[] expected = score(merged);
        assertArrayEquals(expected, score(adapted), 1e-5);
        double[] without = score(base);
        for (int i = 0; i < without.length; i++) {
          assertNotEquals(without[i], expected[i], 1e-2);
        }
      }
    }
  }

  @Test
  void severalAdaptersStandBesideEachOtherAndTheirBase() throws IOException {
    try (DecoderLm alone = load("model");
        DecoderLm base = load("model");
        LoraAdapter one = adapter(base, "q_proj", false, 1);
        LoraAdapter other = adapter(base, "mlp.down_proj", true, 2)) {
      Map<String, DecoderLm> byName =
          Map.of("one", base.with(one.changes()), "other", base.with(other.changes()));
      double[] first = score(byName.get("one"));
      double[] second = score(byName.get("other"));
      assertNotEquals(first[0], second[0], 1e-3);
      assertArrayEquals(first, score(byName.get("one")));
      assertArrayEquals(score(alone), score(base));
      byName.get("one").close();
      assertArrayEquals(second, score(byName.get("other")));
      assertArrayEquals(score(alone), score(base));
    }
  }

  @Test
  void aFreshAdapterChangesNothingAndDependsOnItsSeed() {
    LoraConfig config = new LoraConfig(3, 6, List.of("o_proj"), false, 0);
    try (DecoderLm base = load("model");
        LoraAdapter adapter = LoraAdapter.create(base, config, 5);
        LoraAdapter same = LoraAdapter.create(base, config, 5);
        LoraAdapter other = LoraAdapter.create(base, config, 6);
        DecoderLm adapted = base.with(adapter.changes())) {
      assertArrayEquals(score(base), score(adapted));
      String name = "model.layers.1.self_attn.o_proj";
      float[] a = adapter.changes().get(name).a().toFloatArray();
      assertArrayEquals(a, same.changes().get(name).a().toFloatArray());
      assertNotEquals(a[0], other.changes().get(name).a().toFloatArray()[0]);
      double largest = 0;
      double squares = 0;
      for (float value : a) {
        largest = Math.max(largest, Math.abs(value));
        squares += value * value / a.length;
      }
      double bound = 1 / Math.sqrt(64);
      assertTrue(largest <= bound && largest > 0.95 * bound, "bound " + largest);
      assertEquals(bound / Math.sqrt(3), Math.sqrt(squares), 0.1 * bound);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "all-linear, NEVER",
    "all-linear, ALWAYS",
    "'.*layers\\.1\\.(mlp|self_attn)\\.(up|v)_proj', NEVER",
    "'.*layers\\.2\\..*', ALWAYS"
  })
  void gradientsAreThoseOfTheProduct(String target, Recompute recompute) throws IOException {
    ComputeOptions options = ComputeOptions.DEFAULT.withRecompute(recompute);
    try (DecoderLm base = load("model");
        LoraAdapter adapter = adapter(base, target, false, 3);
        DecoderLm adapted = base.with(adapter.changes()).trainAdapter()) {
      ModelWriter.write(
          folder.resolve("merged"), adapted, ModelFolder.open(folder.resolve("model")));
      Map<String, NDArray> got = gradients(adapted, options);
      assertEquals(2 * adapter.changes().size(), got.size());
      try (DecoderLm merged = load("merged").trainAll()) {
        Map<String, NDArray> whole = gradients(merged, options);
        adapter
            .changes()
            .forEach(
                (name, change) -> {
                  // W = W0 + s B A, so dB = s dW A^T and dA = s B^T dW.
                  NDArray dw = whole.get(name + ".weight");
                  close(
                      dw.matMul(change.a().transpose()).mul(change.scale()),
                      got.get(name + ".lora_B.weight"),
                      name + " B");
                  close(
                      change.b().transpose().matMul(dw).mul(change.scale()),
                      got.get(name + ".lora_A.weight"),
                      name + " A");
                });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void dropoutIsTheSameInEveryPassOfAStepAndInNoOther(boolean sharePrompts) {
    ComputeOptions without =
        ComputeOptions.DEFAULT
            .withSharing(sharePrompts ? PromptSharing.ALWAYS : PromptSharing.NEVER)
            .withRecompute(Recompute.NEVER);
    ComputeOptions with = without.withDropout(new Dropout(7, 3, 0));
    try (DecoderLm base = load("model");
        LoraAdapter adapter = adapter(base, LoraTargets.ALL, false, 1);
        DecoderLm plain = base.with(adapter.changes()).trainAdapter();
        DecoderLm adapted = base.with(adapter.changes()).trainAdapter(0.2)) {
      assertArrayEquals(plain.score(GROUPS, with), adapted.score(GROUPS, without));
      double[] dropped = adapted.score(GROUPS, with);
      for (int i = 0; i < dropped.length; i++) {
        assertNotEquals(plain.score(GROUPS, without)[i], dropped[i], 1e-4);
      }
      assertNotEquals(
          dropped[0], adapted.score(GROUPS, without.withDropout(new Dropout(7, 4, 0)))[0], 1e-4);
      // A group keeps its mask when it begins another pass of the same step.
      assertEquals(
          dropped[2],
          adapted.score(GROUPS.subList(1, 2), without.withDropout(new Dropout(7, 3, 1)))[0],
          1e-5);
      try (Pass pass = adapted.forward(GROUPS, with)) {
        assertArrayEquals(dropped, pass.scores());
      }
      Map<String, float[]> kept = values(gradients(adapted, with));
      adapted.kernels().zero(adapted.parameters().stream().map(Parameter::gradient).toList());
      values(gradients(adapted, with.withRecompute(Recompute.ALWAYS)))
          .forEach((name, values) -> assertArrayEquals(kept.get(name), values, name));
    }
  }

  @Test
  void gradientsUnderDropoutAreThoseOfDifferences() {
    ComputeOptions options = ComputeOptions.DEFAULT.withDropout(new Dropout(7, 3, 0));
    try (DecoderLm base = load("model");
        LoraAdapter adapter = adapter(base, LoraTargets.ALL, false, 1);
        DecoderLm adapted = base.with(adapter.changes()).trainAdapter(0.3)) {
      gradients(adapted, options);
      for (String end : List.of("q_proj.lora_A", "o_proj.lora_B", "up_proj.lora_A", "lora_B")) {
        // Along the gradient itself, where a difference is largest beside rounding.
        List<Parameter> moved =
            adapted.parameters().stream().filter(one -> one.name().contains(end)).toList();
        double square = 0;
        for (Parameter one : moved) {
          square += Math.pow(one.gradient().norm().getFloat(), 2);
        }
        double step = 3e-3 / Math.sqrt(square);
        move(moved, step);
        double up = weighted(adapted, options);
        move(moved, -2 * step);
        double down = weighted(adapted, options);
        move(moved, step);
        assertEquals(1, (up - down) / (2 * step * square), 2e-3, end);
      }
    }
  }

  private static void move(List<Parameter> parameters, double step) {
    parameters.forEach(one -> one.master().set(moved(one, step)));
  }

  private static float[] moved(Parameter parameter, double step) {
    float[] values = parameter.master().toFloatArray();
    float[] gradient = parameter.gradient().toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (step * gradient[i]);
    }
    return values;
  }

  private static double weighted(DecoderLm model, ComputeOptions options) {
    double[] scores = model.score(GROUPS, options);
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      sum += WEIGHTS[i] * scores[i];
    }
    return sum;
  }

  private static Map<String, float[]> values(Map<String, NDArray> arrays) {
    Map<String, float[]> values = new HashMap<>();
    arrays.forEach((name, array) -> values.put(name, array.toFloatArray()));
    return values;
  }

  @Test
  void foldersGiveBackTheSameAdapter() throws IOException {
    try (DecoderLm base = load("model");
        LoraAdapter adapter = adapter(base, "(.*)layers\\.[01]\\.mlp\\.up_proj", true, 4);
        DecoderLm adapted = base.with(adapter.changes())) {
      AdapterFolder.write(folder.resolve("adapter"), adapter, base, "org/name", "v2");
      try (LoraAdapter read = AdapterFolder.read(folder.resolve("adapter"), base);
          DecoderLm again = base.with(read.changes())) {
        assertEquals(adapter.changes().keySet(), read.changes().keySet());
        assertEquals(adapter.config().scale(), read.config().scale());
        AdapterConfig config = AdapterConfig.read(folder.resolve("adapter"));
        assertEquals("hf://org/name@v2", new BaseName(config.base(), config.revision()).place());
        assertArrayEquals(score(adapted), score(again));
      }
    }
  }

  @Test
  void bfloat16() throws IOException {
    try (DecoderLm fp32 = load("model");
        LoraAdapter one = adapter(fp32, LoraTargets.ALL, false, 1);
        DecoderLm expected = fp32.with(one.changes());
        DecoderLm base = load("model", Precision.BFLOAT16);
        LoraAdapter adapter = adapter(base, LoraTargets.ALL, false, 1);
        DecoderLm adapted = base.with(adapter.changes()).trainAdapter()) {
      double[] exact = score(expected);
      double[] rounded = score(adapted);
      for (int i = 0; i < exact.length; i++) {
        assertEquals(exact[i], rounded[i], 0.03 * Math.abs(exact[i]) + 0.1);
      }
      Parameter parameter = adapted.parameters().get(0);
      assertNotEquals(parameter.value(), parameter.master());
      gradients(adapted, ComputeOptions.DEFAULT);
      assertTrue(parameter.gradient().abs().sum().getFloat() > 0);
    }
  }

  @Test
  void targets() {
    List<String> linears = List.of("m.0.q_proj", "m.0.k_proj", "m.1.q_proj", "m.1.k_proj");
    assertEquals(linears, LoraTargets.select(linears, List.of("all-linear")));
    assertEquals(
        List.of("m.0.q_proj", "m.1.q_proj"), LoraTargets.select(linears, List.of("q_proj")));
    assertEquals(
        List.of("m.0.k_proj", "m.1.q_proj", "m.1.k_proj"),
        LoraTargets.select(linears, List.of("m\\.1\\..*", "k_proj")));
    InputException error =
        assertThrows(
            InputException.class, () -> LoraTargets.select(linears, List.of("q_proj", "v_proj")));
    assertTrue(error.getMessage().contains("one of [k_proj, q_proj], got 'v_proj'"));
    assertThrows(InputException.class, () -> LoraTargets.select(linears, List.of("(q")));
  }

  private static LoraAdapter adapter(
      DecoderLm base, String target, boolean rankStabilized, long seed) {
    LoraAdapter adapter =
        LoraAdapter.create(base, new LoraConfig(4, 8, List.of(target), rankStabilized, 0), seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (LowRank change : adapter.changes().values()) {
      float[] draws = new float[(int) change.b().size()];
      for (int i = 0; i < draws.length; i++) {
        draws[i] = (float) (random.nextDouble() - 0.5) / 4;
      }
      change.b().set(draws);
    }
    return adapter;
  }

  private static Map<String, NDArray> gradients(DecoderLm model, ComputeOptions options) {
    try (Pass pass = model.forward(GROUPS, options)) {
      pass.backward(WEIGHTS);
    }
    Map<String, NDArray> gradients = new HashMap<>();
    model.parameters().forEach(one -> gradients.put(one.name(), one.gradient()));
    return gradients;
  }

  private static void close(NDArray expected, NDArray got, String what) {
    double norm = expected.norm().getFloat();
    assertTrue(norm > 0, what);
    assertEquals(0, expected.sub(got).norm().getFloat() / norm, 1e-5, what);
  }

  private static double[] score(DecoderLm model) {
    return model.score(GROUPS, ComputeOptions.DEFAULT);
  }

  private DecoderLm load(String name) {
    return load(name, Precision.FLOAT32);
  }

  private DecoderLm load(String name, Precision precision) {
    return DecoderLm.load(ModelFolder.open(folder.resolve(name)), Device.cpu(), precision);
  }
}
