package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.llama.Llama;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch holds what must be computed and nothing else. */
class TokenBatchTest {
  private static final ModelSpec SPEC =
      new Llama()
          .read(
              new ModelConfig(
                  "test",
                  new ObjectMapper()
                      .valueToTree(
                          Map.of(
                              "vocab_size", 50,
                              "hidden_size", 8,
                              "intermediate_size", 8,
                              "num_hidden_layers", 1,
                              "num_attention_heads", 2))));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noPositionIsPadding(boolean share) {
    Random random = new Random(7);
    List<TokenGroup> groups = new ArrayList<>();
    int positions = 0;
    for (int i = 0; i < 20; i++) {
      int prompt = 1 + random.nextInt(30);
      int chosen = 1 + random.nextInt(30);
      int rejected = 1 + random.nextInt(30);
      groups.add(
          new TokenGroup(
              tokens(prompt, random), List.of(tokens(chosen, random), tokens(rejected, random))));
      // The last token of a response predicts nothing.
      positions += (share ? 1 : 2) * prompt + (chosen - 1) + (rejected - 1);
    }
    TokenBatch batch = TokenBatch.of(groups, share, SPEC);
    assertEquals(positions, batch.ids().length);
    // Attention's runs cover every position once, in order.
    long at = 0;
    for (int row = 0; row < batch.layout().length; row += 4) {
      assertEquals(at, batch.layout()[row]);
      at += batch.layout()[row + 1];
    }
    assertEquals(positions, at);
  }

  private static Tokens tokens(int count, Random random) {
    return Tokens.of(random.ints(count, 0, 50).toArray());
  }
}
