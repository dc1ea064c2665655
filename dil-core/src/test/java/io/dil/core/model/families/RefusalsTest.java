package io.dil.core.model.families;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.core.model.Architectures;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration asks for is done or refused by name, never guessed. */
class RefusalsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The configuration is that of a family that loads; each row changes it once. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          gemma3 | {} | model_type must be one of [gpt_neox, llama, mistral, qwen2, qwen3, phi3, gemma2, gemma3_text], got "gemma3"
          llama | {"quantization_config": {"bits": 4}} | 'quantization_config' is not supported: load weights that are not quantised
          llama | {"hidden_act": "xielu"} | 'hidden_act' must be one of [gelu, gelu_10, gelu_accurate, gelu_fast, gelu_new, gelu_python, gelu_python_tanh, gelu_pytorch_tanh, hardswish, leaky_relu, linear, mish, quick_gelu, relu, relu2, relu6, sigmoid, silu, swish, tanh], got 'xielu'
          gemma2 | {"hidden_activation": "prelu"} | 'hidden_activation' must be one of [gelu, gelu_10, gelu_accurate, gelu_fast, gelu_new, gelu_python, gelu_python_tanh, gelu_pytorch_tanh, hardswish, leaky_relu, linear, mish, quick_gelu, relu, relu2, relu6, sigmoid, silu, swish, tanh], got 'prelu'
          llama | {"num_key_value_heads": 3} | 'num_attention_heads' must be a multiple of 'num_key_value_heads', got 4 and 3
          llama | {"hidden_size": 18} | 'hidden_size' must be a multiple of 'num_attention_heads' where 'head_dim' is not set, got 18 and 4
          gpt_neox | {"hidden_size": 17} | 'hidden_size' must be a multiple of 'num_attention_heads', got 17 and 2
          llama | {"hidden_size": null} | 'hidden_size' must be a positive integer, got null
          llama | {"rope_theta": 0} | 'rope_theta' must be positive, got 0.0
          llama | {"rope_scaling": {"type": "mrope"}} | rope_scaling: 'type' must be one of [default, dynamic, linear, llama3, longrope, yarn], got 'mrope'
          llama | {"rope_parameters": {"rope_type": "axial"}} | rope_parameters: 'rope_type' must be one of [default, dynamic, linear, llama3, longrope, yarn], got 'axial'
          llama | {"rope_parameters": {"full_attention": {"rope_type": "default"}}} | rope_parameters: must not differ by layer type for this family, got {"rope_type":"default"}
          llama | {"partial_rotary_factor": 0.5, "rope_scaling": {"type": "linear", "factor": 2}} | 'partial_rotary_factor' must be 1 for a linear rope of this family, got 0.5
          llama | {"rms_norm_eps": -1} | 'rms_norm_eps' must be a number from 0.0 to 1.0, got -1
          llama | {"rms_norm_eps": 1e19} | 'rms_norm_eps' must be a number from 0.0 to 1.0, got 1.0E19
          gpt_neox | {"layer_norm_eps": 2} | 'layer_norm_eps' must be a number from 0.0 to 1.0, got 2
          llama | {"rope_theta": 1e300} | 'rope_theta' must be a number from -1.0E12 to 1.0E12, got 1.0E300
          gemma2 | {"query_pre_attn_scalar": 0} | 'query_pre_attn_scalar' must be a number from 1.0E-6 to 1.0E12, got 0
          gemma2 | {"attn_logit_softcapping": -5} | 'attn_logit_softcapping' must be a number from 0.0 to 1.0E12, got -5
          llama | {"rope_scaling": {"type": "linear"}} | rope_scaling: 'factor' must be a positive number, got NaN
          llama | {"head_dim": 2, "rope_scaling": {"type": "dynamic", "factor": 2}} | rope_scaling: 'dynamic' needs more than 2 rotary dimensions, got 2
          llama | {"head_dim": 3} | rotary dimensions must be an even number between 2 and the head's 3, got 3
          llama | {"rope_scaling": {"type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4}} | rope_scaling: 'high_freq_factor' must exceed 'low_freq_factor', got 4.0
          gpt_neox | {"rotary_pct": 1.5} | rotary dimensions must be an even number between 2 and the head's 8, got 12
          phi3 | {"rope_scaling": {"type": "linear", "factor": 2}} | rope_scaling: 'type' must be one of [default, longrope, su, yarn], got 'linear'
          phi3 | {"rope_scaling": {"type": "su", "short_factor": [1, 1], "long_factor": [1, 1]}} | 'original_max_position_embeddings' must be a positive integer, got nothing
          phi3 | {"original_max_position_embeddings": 16, "rope_scaling": {"type": "su", "short_factor": [1], "long_factor": [1, 1]}} | rope_scaling: 'short_factor' must be a list of 2 numbers, one a pair of rotated dimensions, got 1
          mistral | {"layer_types": ["full_attention", "full_attention"]} | 'layer_types' is not supported: every layer of a mistral slides alike; remove the key
          mistral | {"sliding_window": 0} | 'sliding_window' must be a positive integer, got 0
          qwen2 | {"layer_types": ["full_attention"]} | 'layer_types' must list one type for each of 2 layers, got ["full_attention"]
          qwen3 | {"layer_types": ["full_attention", "chunked_attention"]} | 'layer_types' must hold only [full_attention, sliding_attention], got "chunked_attention"
          qwen3 | {"layer_types": ["full_attention", "sliding_attention"]} | 'layer_types' asks for sliding_attention but no sliding window is set; set 'sliding_window' or change the types
          gemma2 | {"use_bidirectional_attention": true} | 'use_bidirectional_attention' is not supported: a causal model is needed; set it to false
          gemma3_text | {"use_bidirectional_attention": true} | 'use_bidirectional_attention' is not supported: a causal model is needed; set it to false
          gemma3_text | {"attn_logit_softcapping": 50.0} | 'attn_logit_softcapping' is not supported: gemma3 has no capped attention; set it to null
          gemma3_text | {"rope_parameters": {"rope_type": "linear", "factor": 8}} | rope_parameters: must have a part for each layer type, got {"rope_type":"linear","factor":8}
          """)
  void refused(String family, String change, String message) throws JsonProcessingException {
    ObjectNode config = Configs.small(family);
    config.setAll((ObjectNode) JSON.readTree(change));
    InputException refusal =
        assertThrows(InputException.class, () -> Architectures.read(Configs.folder(config)));
    String where = Path.of("model", "config.json") + ": ";
    assertTrue(refusal.getMessage().startsWith(where), refusal.getMessage());
    assertEquals(message, refusal.getMessage().substring(where.length()));
  }

  /** So that a refusal above is due to its change. */
  @Test
  void unchangedConfigurationsAreRead() {
    for (String family : Architectures.names()) {
      assertEquals(2, Architectures.read(Configs.folder(Configs.small(family))).layers(), family);
    }
  }
}
