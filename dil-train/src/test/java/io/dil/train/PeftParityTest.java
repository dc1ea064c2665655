package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.lora.AdapterFolder;
import io.dil.core.model.lora.LoraAdapter;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads an adapter that PEFT wrote ({@code peft_parity.py write}) and scores what PEFT scored. */
class PeftParityTest {
  @TempDir Path folder;
  private Path adapterFolder;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
    adapterFolder = folder.resolve("adapter");
    Files.createDirectories(adapterFolder);
    for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
      try (InputStream in = PeftParityTest.class.getResourceAsStream("/peft/" + name)) {
        Files.write(adapterFolder.resolve(name), in.readAllBytes());
      }
    }
  }

  @Test
  void scoresAreThoseOfPeft() throws IOException {
    JsonNode reference;
    try (InputStream in = PeftParityTest.class.getResourceAsStream("/peft/reference.json")) {
      reference = new ObjectMapper().readTree(in);
    }
    try (DecoderLm base = load();
        LoraAdapter adapter = AdapterFolder.read(adapterFolder, base);
        DecoderLm adapted = base.with(adapter.changes())) {
      assertEquals(6 / Math.sqrt(4), adapter.config().scale());
      assertEquals(2 * base.spec().layers(), adapter.changes().size());
      for (JsonNode group : reference.path("groups")) {
        List<Tokens> responses = new ArrayList<>();
        group.path("responses").forEach(ids -> responses.add(Assets.tokens(ids)));
        List<TokenGroup> one =
            List.of(new TokenGroup(Assets.tokens(group.path("prompt")), responses));
        assertArrayEquals(
            numbers(group.path("logp")), adapted.score(one, ComputeOptions.DEFAULT), 1e-4);
        assertArrayEquals(
            numbers(group.path("logp_base")), base.score(one, ComputeOptions.DEFAULT), 1e-4);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"use_dora\": false|\"use_dora\": true|use_dora must be off",
        "\"bias\": \"none\"|\"bias\": \"all\"|bias must be off",
        "\"rank_pattern\": {}|\"rank_pattern\": {\"q_proj\": 8}|rank_pattern must be off",
        "\"modules_to_save\": null|\"modules_to_save\": [\"lm_head\"]|modules_to_save must be off",
        "\"revision\": null|\"new_variant\": 3|new_variant must be off",
        "\"init_lora_weights\": true|\"init_lora_weights\": \"pissa\"|init_lora_weights must be one of",
        "\"peft_type\": \"LORA\"|\"peft_type\": \"IA3\"|peft_type must be LORA",
        "\"task_type\": \"CAUSAL_LM\"|\"task_type\": \"SEQ_2_SEQ_LM\"|task_type must be CAUSAL_LM",
        "\"lora_dropout\": 0.0|\"lora_dropout\": 1.0|lora_dropout must be a number in [0, 1), got 1.0",
        "\"lora_alpha\": 6|\"lora_alpha\": 0|lora_alpha must be a number above 0",
        "\"r\": 4|\"r\": 8|must have the shape [8, 64] that adapter_config.json asks for"
      })
  void refusesWhatIsNotPlainLora(String from, String to, String says) throws IOException {
    Path config = adapterFolder.resolve("adapter_config.json");
    String text = Files.readString(config);
    assertTrue(text.contains(from));
    Files.writeString(config, text.replace(from, to));
    refuses(says);
  }

  @Test
  void refusesAnAdapterOfAnotherModel() throws IOException {
    Path weights = adapterFolder.resolve("adapter_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    Files.write(
        weights,
        latin.replace("layers.2.mlp", "layers.7.mlp").getBytes(StandardCharsets.ISO_8859_1));
    refuses("layers.7.mlp.down_proj.lora_A.weight' must be lora_A or lora_B of a linear");
    Files.delete(weights);
    refuses("adapter_model.safetensors: no such file");
  }

  private void refuses(String says) {
    try (DecoderLm base = load()) {
      InputException error =
          assertThrows(InputException.class, () -> AdapterFolder.read(adapterFolder, base));
      assertTrue(error.getMessage().contains(says), error::getMessage);
      assertTrue(error.getMessage().startsWith(adapterFolder.toString()), error::getMessage);
    }
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).asDouble();
    }
    return numbers;
  }

  private DecoderLm load() {
    return DecoderLm.load(
        ModelFolder.open(folder.resolve("model")), Device.cpu(), Precision.FLOAT32);
  }
}
