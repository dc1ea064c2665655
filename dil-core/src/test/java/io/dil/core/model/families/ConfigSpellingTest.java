package io.dil.core.model.families;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.model.Architectures;
import io.dil.core.model.LayerAttention;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.RotarySpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same model as versions before transformers 5 and since then write it. */
class ConfigSpellingTest {
  private static final int EVERYTHING = LayerAttention.EVERYTHING;

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          llama | {"rope_theta": 500.0} | {"rope_parameters": {"rope_type": "default", "rope_theta": 500.0}}
          llama | {"rope_theta": 500.0, "rope_scaling": {"type": "linear", "factor": 4.0}} | {"rope_parameters": {"rope_type": "linear", "rope_theta": 500.0, "factor": 4.0}}
          llama | {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}} | {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 4.0}}
          qwen2 | {"rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8}} | {"rope_parameters": {"rope_type": "yarn", "original_max_position_embeddings": 8, "factor": 4.0}}
          gpt_neox | {"rotary_pct": 0.5, "rotary_emb_base": 500.0} | {"rope_parameters": {"partial_rotary_factor": 0.5, "rope_theta": 500.0}}
          phi3 | {"partial_rotary_factor": 0.5, "rope_scaling": null} | {"rope_parameters": {"partial_rotary_factor": 0.5, "rope_type": "default"}}
          phi3 | {"original_max_position_embeddings": 16, "rope_scaling": {"type": "su", "short_factor": [1, 2], "long_factor": [3, 4]}} | {"original_max_position_embeddings": 16, "rope_parameters": {"rope_type": "longrope", "short_factor": [1, 2], "long_factor": [3, 4]}}
          gemma3_text | {"rope_theta": 500.0, "rope_local_base_freq": 50.0, "rope_scaling": {"rope_type": "linear", "factor": 8.0}, "sliding_window_pattern": 2} | {"layer_types": ["sliding_attention", "full_attention"], "rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 500.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}}}
          """)
  void oldAndNewAgree(String family, String old, String recent) throws JsonProcessingException {
    List<LayerAttention> before = read(family, old).attention();
    List<LayerAttention> now = read(family, recent).attention();
    RotarySpec plain = read(family, "{}").attention().get(1).rotary();
    assertEquals(before.size(), now.size());
    for (int i = 0; i < now.size(); i++) {
      RotarySpec one = before.get(i).rotary();
      RotarySpec other = now.get(i).rotary();
      assertEquals(before.get(i).window(), now.get(i).window());
      assertEquals(one.scale(), other.scale());
      assertArrayEquals(one.inverseFrequencies(), other.inverseFrequencies());
      assertEquals(one.beyond() == null, other.beyond() == null);
      if (one.beyond() != null && other.beyond() != null) {
        assertEquals(one.beyond().context(), other.beyond().context());
        assertArrayEquals(
            one.beyond().frequencies().apply(40), other.beyond().frequencies().apply(40));
      }
    }
    RotarySpec changed = now.get(1).rotary();
    assertFalse(
        Arrays.equals(plain.inverseFrequencies(), changed.inverseFrequencies())
            && (plain.beyond() == null) == (changed.beyond() == null),
        "the setting has an effect");
  }

  @Test
  void windowsAreWhereTheFamilyPutsThem() throws JsonProcessingException {
    assertEquals(List.of(4096, 4096), windows("mistral", "{}"));
    assertEquals(List.of(EVERYTHING, EVERYTHING), windows("mistral", "{\"sliding_window\": null}"));
    assertEquals(List.of(7, 7), windows("phi3", "{\"sliding_window\": 7}"));
    assertEquals(List.of(EVERYTHING, EVERYTHING), windows("qwen2", "{\"sliding_window\": 7}"));
    assertEquals(
        List.of(EVERYTHING, 7),
        windows(
            "qwen2",
            "{\"sliding_window\": 7, \"use_sliding_window\": true, \"max_window_layers\": 1}"));
    assertEquals(
        List.of(7, EVERYTHING, 7),
        windows("gemma2", "{\"sliding_window\": 7, \"num_hidden_layers\": 3}"));
    assertEquals(
        List.of(7, 7, 7, 7, 7, EVERYTHING, 7),
        windows("gemma3_text", "{\"sliding_window\": 7, \"num_hidden_layers\": 7}"));
  }

  private static List<Integer> windows(String family, String change)
      throws JsonProcessingException {
    return read(family, change).attention().stream().map(LayerAttention::window).toList();
  }

  private static ModelSpec read(String family, String change) throws JsonProcessingException {
    ObjectNode config = Configs.small(family);
    config.setAll((ObjectNode) new ObjectMapper().readTree(change));
    return Architectures.read(Configs.folder(config));
  }
}
