package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.llama.Llama;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
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
    TokenBatch batch =
        TokenBatch.of(groups, share ? PromptSharing.ALWAYS : PromptSharing.NEVER, SPEC);
    assertEquals(positions, batch.ids().length);
    // Attention's runs cover every position once, in order.
    long at = 0;
    for (int row = 0; row < batch.layout().length; row += 4) {
      assertEquals(at, batch.layout()[row]);
      at += batch.layout()[row + 1];
    }
    assertEquals(positions, at);
  }

  @Test
  void sharesWherePromptsSaveMoreThanMasksCost() {
    // 4 square projections of 8 and three of 8 by 8: 7 * 64 weights, so it pays from
    // 448 p >= 8 (n^2 - p^2) on, which a prompt of 1 does up to 7 tokens.
    assertEquals(448, SPEC.linearWeights());
    assertTrue(PromptSharing.AUTO.worth(SPEC, 1, 7));
    assertFalse(PromptSharing.AUTO.worth(SPEC, 1, 8));
    assertTrue(PromptSharing.AUTO.worth(SPEC, 100, 100));
    assertTrue(PromptSharing.ALWAYS.worth(SPEC, 1, 1000));
    assertFalse(PromptSharing.NEVER.worth(SPEC, 100, 1));
    Random random = new Random(7);
    TokenGroup group =
        new TokenGroup(tokens(1, random), List.of(tokens(3, random), tokens(9, random)));
    assertEquals(
        2 * 1 + 2 + 8, TokenBatch.of(List.of(group), PromptSharing.AUTO, SPEC).ids().length);
  }

  private static Tokens tokens(int count, Random random) {
    return Tokens.of(random.ints(count, 0, 50).toArray());
  }
}
