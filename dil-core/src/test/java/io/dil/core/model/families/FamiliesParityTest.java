package io.dil.core.model.families;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.Assets;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.Architectures;
import io.dil.core.model.AttentionRuns;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Parameter;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.Recompute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every family, in every configuration made, to transformers. */
class FamiliesParityTest {
  /** Nats a sequence in fp32. */
  private static final double NATS = 1e-4;

  /** Relative to a tensor's largest entry, or to its norm. */
  private static final double RELATIVE = 1e-4;

  static Stream<TinyCheckpoint> checkpoints() throws Exception {
    return TinyCheckpoint.all().stream();
  }

  @Test
  void everyFamilyIsHeld() throws Exception {
    Set<String> held = new TreeSet<>();
    for (TinyCheckpoint checkpoint : TinyCheckpoint.all()) {
      held.add(checkpoint.folder().config().path("model_type").asText());
    }
    assertEquals(new TreeSet<>(Architectures.names()), held);
  }

  /** With shared prompts and without, attention by run and packed as for one kernel over all. */
  private static List<ComputeOptions> ways() {
    List<ComputeOptions> ways = new ArrayList<>();
    for (PromptSharing sharing : List.of(PromptSharing.ALWAYS, PromptSharing.NEVER)) {
      for (AttentionRuns runs : List.of(AttentionRuns.BY_RUN, AttentionRuns.PACKED)) {
        ways.add(ComputeOptions.DEFAULT.withSharing(sharing).withAttention(runs));
      }
    }
    return ways;
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void scoresAgree(TinyCheckpoint checkpoint) {
    try (DecoderLm model = checkpoint.load(Precision.FLOAT32)) {
      for (ComputeOptions options : ways()) {
        double[] scores = model.score(checkpoint.groups(), options);
        assertArrayEquals(checkpoint.numbers("logp"), scores, NATS);
        assertArrayEquals(checkpoint.numbers("logp_float64"), scores, NATS);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void gradientsAgree(TinyCheckpoint checkpoint) {
    try (DecoderLm model = checkpoint.train()) {
      for (ComputeOptions options : ways()) {
        Map<String, float[]> gradients = gradients(model, checkpoint, options);
        JsonNode expected = checkpoint.reference().path("gradients");
        assertEquals(expected.size(), gradients.size(), "parameters");
        gradients.forEach((name, gradient) -> agree(name, expected, gradient));
        Map<String, float[]> again =
            gradients(model, checkpoint, options.withRecompute(Recompute.ALWAYS));
        gradients.forEach((name, values) -> assertArrayEquals(values, again.get(name), name));
      }
    }
  }

  private static Map<String, float[]> gradients(
      DecoderLm model, TinyCheckpoint checkpoint, ComputeOptions options) {
    List<Parameter> parameters = model.parameters();
    model.kernels().zero(parameters.stream().map(Parameter::gradient).toList());
    try (Pass pass = model.forward(checkpoint.groups(), options)) {
      assertArrayEquals(checkpoint.numbers("logp"), pass.scores(), NATS);
      pass.backward(checkpoint.numbers("weight"));
    }
    Map<String, float[]> gradients = new HashMap<>();
    parameters.forEach(
        parameter -> gradients.put(parameter.name(), parameter.gradient().toFloatArray()));
    return gradients;
  }

  static void agree(String name, JsonNode all, float[] gradient) {
    JsonNode expected = all.path(name);
    double square = 0;
    double largest = 0;
    for (float entry : gradient) {
      square += (double) entry * entry;
      largest = Math.max(largest, Math.abs(entry));
    }
    double norm = expected.path("norm").asDouble(Double.NaN);
    assertEquals(norm, Math.sqrt(square), RELATIVE * norm, name);
    for (int i = 0; i < expected.path("at").size(); i++) {
      assertEquals(
          expected.path("values").path(i).asDouble(),
          gradient[expected.path("at").path(i).asInt()],
          RELATIVE * largest,
          name);
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void greedyTextAgrees(TinyCheckpoint checkpoint) {
    List<Tokens> prompts = new ArrayList<>();
    List<Tokens> expected = new ArrayList<>();
    for (JsonNode row : checkpoint.reference().path("greedy")) {
      prompts.add(Assets.tokens(row.path("prompt")));
      expected.add(Assets.tokens(row.path("generated")));
    }
    try (DecoderLm model = checkpoint.load(Precision.FLOAT32)) {
      GenerationOptions options = GenerationOptions.greedy(expected.get(0).size());
      assertEquals(expected, new Generator(model, Set.of()).generate(prompts, options));
    }
  }

  /** Five texts that begin alike and one that does not take turns at two places. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void aStartThatPromptsShareIsComputedOnce(TinyCheckpoint checkpoint) {
    Tokens shared = Assets.tokens(checkpoint.reference().path("greedy").get(0).path("prompt"));
    List<Tokens> prompts = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      prompts.add(shared.then(shared.slice(0, Math.min(i, shared.size()))));
    }
    prompts.add(2, shared.slice(1, shared.size()));
    try (DecoderLm model = checkpoint.load(Precision.FLOAT32)) {
      GenerationOptions options = GenerationOptions.greedy(6);
      Generator generator = new Generator(model, Set.of());
      List<Tokens> whole = generator.generate(prompts, options);
      Tokens[] made = new Tokens[prompts.size()];
      generator.generate(prompts, shared, options, 2, (s, id) -> true, (s, text) -> made[s] = text);
      assertEquals(whole, List.of(made));
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void whatIsWrittenOpensAgain(TinyCheckpoint checkpoint, @TempDir Path out) throws IOException {
    double[] scores;
    try (DecoderLm model = checkpoint.load(Precision.FLOAT32)) {
      scores = model.score(checkpoint.groups(), ComputeOptions.DEFAULT);
      ModelWriter.write(out, model, checkpoint.folder());
    }
    ModelFolder written = ModelFolder.open(out);
    assertEquals(checkpoint.folder().tensors().keySet(), written.tensors().keySet());
    try (DecoderLm model = DecoderLm.load(written, Device.cpu(), Precision.FLOAT32)) {
      assertArrayEquals(scores, model.score(checkpoint.groups(), ComputeOptions.DEFAULT));
    }
  }

  /** bfloat16 keeps 8 bits, so single sequences scatter; the whole set says which way is better. */
  @Test
  void bfloat16IsAsGoodAsTransformersAndItsReductionBetterThanOneInBfloat16() throws Exception {
    double ours = 0;
    double theirs = 0;
    double reduced = 0;
    int count = 0;
    for (TinyCheckpoint checkpoint : TinyCheckpoint.all()) {
      double[] exact = checkpoint.numbers("logp_float64");
      double[] wide = checkpoint.numbers("logp_bfloat16");
      double[] narrow = checkpoint.numbers("logp_bfloat16_reduced");
      try (DecoderLm model = checkpoint.load(Precision.BFLOAT16)) {
        double[] scores = model.score(checkpoint.groups(), ComputeOptions.DEFAULT);
        for (int i = 0; i < exact.length; i++) {
          ours += Math.pow(scores[i] - exact[i], 2);
          theirs += Math.pow(wide[i] - exact[i], 2);
          reduced += Math.pow(narrow[i] - exact[i], 2);
          count++;
        }
      }
    }
    double error = Math.sqrt(ours / count);
    double transformers = Math.sqrt(theirs / count);
    double narrow = Math.sqrt(reduced / count);
    String figures =
        "bfloat16, root mean square nats off fp64 over %d sequences: %.4f; transformers %.4f, reduced in bfloat16 %.4f"
            .formatted(count, error, transformers, narrow);
    System.out.println(figures);
    assertTrue(error <= 1.25 * transformers, figures);
    assertTrue(error < narrow, figures);
  }
}
