package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.core.model.Parameter;
import io.dil.core.model.Pass;
import io.dil.core.model.Recompute;
import io.dil.core.model.traced.TracedLm;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds a TorchScript module that is run here to what torch makes of it ({@code traced.py}). */
class TracedLmTest {
  @TempDir Path temporary;
  private Path folder;
  private JsonNode reference;
  private List<TokenGroup> groups;

  @BeforeEach
  void unpack() throws IOException {
    folder = TracedFolder.unpack(temporary.resolve("gpt2"));
    reference = TracedFolder.reference();
    groups = TracedFolder.groups(reference);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4 * 77 * 2, 32 << 20})
  void scoresAreThoseOfTorch(long headBytes) {
    try (TracedLm model = load()) {
      assertArrayEquals(
          TracedFolder.numbers(reference.path("logp")),
          model.score(groups, ComputeOptions.DEFAULT.withHeadBytes(headBytes)),
          1e-4);
      assertEquals(77, model.vocabSize());
    }
  }

  @ParameterizedTest
  @EnumSource(Recompute.class)
  void gradientsAreThoseOfTorch(Recompute recompute) {
    ComputeOptions options = ComputeOptions.DEFAULT.withRecompute(recompute).withHeadBytes(1000);
    try (TracedLm model = load().trainAll()) {
      backward(model, options);
      // The input embedding is the output projection: one parameter under two names.
      assertEquals(reference.path("gradients").size(), model.parameters().size());
      for (Parameter parameter : model.parameters()) {
        String name = parameter.name().replaceFirst("^model\\.", "");
        JsonNode expected = reference.path("gradients").path(tied(name));
        double norm = expected.path("norm").asDouble();
        float[] got = parameter.gradient().toFloatArray();
        assertEquals(norm, parameter.gradient().norm().getFloat(), 1e-4 * norm, name);
        JsonNode elements = expected.path("elements");
        int stride = Math.max(1, got.length / 40);
        assertTrue(elements.size() >= 32, name);
        for (int i = 0; i < elements.size(); i++) {
          assertEquals(elements.get(i).asDouble(), got[i * stride], 1e-4 * norm, name);
        }
      }
    }
  }

  private static String tied(String name) {
    return name.equals("lm_head.weight") ? "transformer.wte.weight" : name;
  }

  @Test
  void gradientsAreTheSameBitsWhenComputedAgain() {
    try (TracedLm model = load().trainAll()) {
      backward(model, ComputeOptions.DEFAULT.withRecompute(Recompute.NEVER));
      Map<String, float[]> kept = gradients(model);
      model.kernels().zero(model.parameters().stream().map(Parameter::gradient).toList());
      backward(model, ComputeOptions.DEFAULT.withRecompute(Recompute.ALWAYS));
      Map<String, float[]> again = gradients(model);
      kept.forEach((name, values) -> assertArrayEquals(values, again.get(name), name));
    }
  }

  @Test
  void greedyTextIsThatOfTorch() {
    try (TracedLm model = load()) {
      List<Tokens> made =
          new Generator(model, Set.of())
              .generate(
                  groups.stream().map(TokenGroup::prompt).toList(), GenerationOptions.greedy(12));
      for (int i = 0; i < made.size(); i++) {
        assertEquals(Assets.tokens(reference.path("greedy").get(i)), made.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 1})
  void aStepIsThatOfTorchAndIsWritten(int microBatch) throws IOException {
    JsonNode step = reference.path("step");
    double[] trained;
    Path written = temporary.resolve("written");
    try (TracedLm policy = load().trainAll();
        AdamW optimizer = optimizer(policy)) {
      Trainer trainer =
          new Trainer(
              policy,
              null,
              Objective.of(Losses.create("sft")),
              optimizer,
              new Trainer.Options(
                  PassSize.of(microBatch),
                  reference.path("adamw").path("max_grad_norm").asDouble(),
                  ComputeOptions.DEFAULT,
                  0));
      Map<String, Double> metrics =
          trainer.step(examples(), reference.path("adamw").path("lr").asDouble());
      assertEquals(step.path("loss").asDouble(), metrics.get("loss"), 1e-5);
      double norm = step.path("grad_norm").asDouble();
      assertEquals(norm, metrics.get("grad_norm"), 1e-5 * norm);
      trained = policy.score(groups, ComputeOptions.DEFAULT);
      policy.write(written, folder);
    }
    double[] expected = TracedFolder.numbers(step.path("logp"));
    assertArrayEquals(expected, trained, 1e-4);
    // The step moved every score by far more than that.
    double[] before = TracedFolder.numbers(reference.path("logp"));
    for (int i = 0; i < before.length; i++) {
      assertNotEquals(before[i], expected[i], 0.05);
    }
    try (TracedLm again = TracedLm.load(written, Device.cpu()).trainAll()) {
      assertArrayEquals(trained, again.score(groups, ComputeOptions.DEFAULT));
      assertEquals(reference.path("gradients").size(), again.parameters().size());
    }
    assertFalse(Files.exists(written.resolve(".model.pt.partial")));
  }

  @Test
  void aPolicyAndItsReference() throws IOException {
    try (TracedLm policy = load().trainAll();
        ReferenceScores frozen = ReferenceScores.frozen(load(), ComputeOptions.DEFAULT);
        AdamW optimizer = optimizer(policy)) {
      double[] before = frozen.scores(groups);
      Trainer trainer =
          new Trainer(
              policy,
              frozen,
              Objective.of(Losses.create("dil-lsif")),
              optimizer,
              new Trainer.Options(PassSize.of(2), 1, ComputeOptions.DEFAULT, 0));
      trainer.selfCheck(examples());
      // At the reference the LSIF objective is one half of the ratio's square less the ratio.
      assertEquals(0.5 - 1, trainer.step(examples(), 1e-3).get("loss"), 1e-5);
      assertTrue(trainer.step(examples(), 1e-3).get("loss") < -0.5 - 1e-3);
      assertArrayEquals(before, frozen.scores(groups));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "78|logits must have the shape (1, 5, 78)",
        "0|vocab_size must be an integer >= 1, got 0",
      })
  void refusesAnotherVocabulary(int size, String says) throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": " + size + "}");
    refuses(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "length|fails at 48 tokens",
        "random|tokens must have the same logits whatever follows them",
        "ahead|tokens must have the same logits whatever follows them"
      })
  void refusesWhatIsNoCausalModelOfAnyLength(String kind, String says) throws IOException {
    unpackBigram(kind);
    refuses(says);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dict", "mask", "twins"})
  void logitsMayStandAmongOthersAndAMaskMayBeAskedFor(String kind) throws IOException {
    unpackBigram(kind);
    List<TokenGroup> one = List.of(new TokenGroup(Tokens.of(6, 3), List.of(Tokens.of(2, 5))));
    // Two parameters that share their memory are one, whose gradient is the sum of theirs.
    int times = kind.equals("twins") ? 2 : 1;
    try (TracedLm model = load().trainAll()) {
      // What needs no gradient is not trained.
      assertEquals(1, model.parameters().size());
      Parameter table = model.parameters().get(0);
      assertEquals("table", table.name());
      float[] logits = table.value().mul(times).toFloatArray();
      double expected = logSoftmax(logits, 3, 2) + logSoftmax(logits, 2, 5);
      assertEquals(expected, model.score(one, ComputeOptions.DEFAULT)[0], 1e-5);
      try (Pass pass = model.forward(one, ComputeOptions.DEFAULT)) {
        pass.backward(new double[] {2});
      }
      float[] gradient = table.gradient().toFloatArray();
      for (int token = 0; token < 7; token++) {
        double own = 2 * times * ((token == 5 ? 1 : 0) - Math.exp(logSoftmax(logits, 2, token)));
        assertEquals(own, gradient[2 * 7 + token], 1e-5);
        assertEquals(0, gradient[6 * 7 + token]);
      }
    }
  }

  private static double logSoftmax(float[] table, int row, int token) {
    double sum = 0;
    for (int i = 0; i < 7; i++) {
      sum += Math.exp(table[row * 7 + i]);
    }
    return table[row * 7 + token] - Math.log(sum);
  }

  private void unpackBigram(String kind) throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": 7}");
    try (InputStream in = TracedLmTest.class.getResourceAsStream("/traced/" + kind + ".pt")) {
      Files.write(folder.resolve("model.pt"), in.readAllBytes());
    }
  }

  @Test
  void refusesWhatIsNoTorchScript() throws IOException {
    Files.writeString(folder.resolve("model.pt"), "not an archive");
    refuses("not a TorchScript module");
  }

  @Test
  void refusesTokensItDoesNotKnowAndSequencesTooLong() {
    try (TracedLm model = load()) {
      List<TokenGroup> foreign = List.of(new TokenGroup(Tokens.of(1), List.of(Tokens.of(77))));
      assertThrows(InputException.class, () -> model.score(foreign, ComputeOptions.DEFAULT));
      List<TokenGroup> longer =
          List.of(new TokenGroup(Tokens.of(new int[64]), List.of(Tokens.of(1, 2))));
      InputException error =
          assertThrows(InputException.class, () -> model.score(longer, ComputeOptions.DEFAULT));
      assertTrue(error.getMessage().contains("model.pt: fails at 65 tokens: "), error::getMessage);
      assertEquals(1, error.getMessage().lines().count());
      assertThrows(
          IllegalStateException.class, () -> model.forward(groups, ComputeOptions.DEFAULT));
    }
  }

  private void refuses(String says) {
    InputException error = assertThrows(InputException.class, () -> load().close());
    assertTrue(error.getMessage().contains(says), error::getMessage);
    assertTrue(error.getMessage().startsWith(folder.toString()), error::getMessage);
    assertEquals(1, error.getMessage().lines().count());
  }

  private AdamW optimizer(TracedLm policy) {
    JsonNode adamw = reference.path("adamw");
    return new AdamW(
        policy.parameters(),
        policy.manager(),
        policy.kernels(),
        new AdamW.Options(
            adamw.path("beta1").asDouble(),
            adamw.path("beta2").asDouble(),
            adamw.path("eps").asDouble(),
            adamw.path("weight_decay").asDouble()));
  }

  private List<TokenizedExample> examples() {
    List<TokenizedExample> examples = new ArrayList<>();
    groups.forEach(
        group -> examples.add(new TokenizedExample("row " + examples.size(), group, true)));
    return examples;
  }

  private void backward(TracedLm model, ComputeOptions options) {
    try (Pass pass = model.forward(groups, options)) {
      pass.backward(TracedFolder.numbers(reference.path("weights")));
    }
  }

  private static Map<String, float[]> gradients(TracedLm model) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    model.parameters().forEach(one -> gradients.put(one.name(), one.gradient().toFloatArray()));
    return gradients;
  }

  private TracedLm load() {
    return TracedLm.load(folder, Device.cpu());
  }
}
