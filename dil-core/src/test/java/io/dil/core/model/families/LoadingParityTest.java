package io.dil.core.model.families;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.CheckpointNames;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Precision;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checkpoints as other tools leave them behind are read as transformers reads them. */
class LoadingParityTest {
  /** Nats of eight tokens in fp32. */
  private static final double NATS = 2e-5;

  private static JsonNode reference() throws IOException {
    return new ObjectMapper()
        .readTree(LoadingParityTest.class.getResourceAsStream("/loading/reference.json"));
  }

  static Stream<String> cases() throws IOException {
    List<String> names = new ArrayList<>();
    reference().path("cases").fieldNames().forEachRemaining(names::add);
    return names.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void scoresAndWarningsAgree(String name, @TempDir Path out) throws Exception {
    JsonNode expected = reference().path("cases").path(name);
    ModelFolder folder = folder(name);
    assertEquals(expected.path("logp").asDouble(), score(folder, out), NATS);
    List<String> warnings = CheckpointNames.warnings(folder);
    for (JsonNode tensor : expected.path("unexpected")) {
      assertTrue(warnings.toString().contains(tensor.asText()), () -> tensor + " in " + warnings);
    }
    boolean differs = name.equals("tied-other-head");
    assertEquals(differs, warnings.toString().contains("tie_word_embeddings is true, but"));
    assertEquals(
        (differs ? 1 : 0) + (expected.path("unexpected").isEmpty() ? 0 : 1), warnings.size());
    assertFalse(warnings.toString().contains("inv_freq"), "transformers does not name it either");
    // What is written is the same model, whatever was odd about the one that was read.
    ModelFolder written = ModelFolder.open(out);
    assertEquals(expected.path("logp").asDouble(), score(written, out.resolve("again")), NATS);
    assertEquals(List.of(), CheckpointNames.warnings(written));
  }

  private static double score(ModelFolder folder, Path out) throws IOException {
    List<Integer> ids = new ArrayList<>();
    reference().path("ids").forEach(id -> ids.add(id.asInt()));
    Tokens tokens = Tokens.of(ids.stream().mapToInt(Integer::intValue).toArray());
    TokenGroup group = new TokenGroup(tokens.slice(0, 1), List.of(tokens.slice(1, tokens.size())));
    try (DecoderLm model = DecoderLm.load(folder, Device.cpu(), Precision.FLOAT32)) {
      ModelWriter.write(out, model, folder);
      return model.score(List.of(group), ComputeOptions.DEFAULT)[0];
    }
  }

  private static ModelFolder folder(String name) throws URISyntaxException {
    return ModelFolder.open(
        Path.of(LoadingParityTest.class.getResource("/loading/" + name).toURI()));
  }
}
