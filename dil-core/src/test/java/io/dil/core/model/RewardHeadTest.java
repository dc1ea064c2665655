package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dil.core.Tokens;
import org.junit.jupiter.api.Test;

/** Which token a reward is read from. */
class RewardHeadTest {
  private static final Tokens PROMPT = Tokens.of(5, 9);

  @Test
  void theLastTokenThatIsNotPaddingIsPooled() {
    RewardHead head = new RewardHead(9);
    assertEquals(3, head.pooled(PROMPT, Tokens.of(7, 8)));
    assertEquals(2, head.pooled(PROMPT, Tokens.of(7, 9)));
    assertEquals(3, head.pooled(PROMPT, Tokens.of(9, 7, 9, 9)));
    assertEquals(0, head.pooled(PROMPT, Tokens.of(9, 9)));
    assertEquals(0, head.pooled(Tokens.of(9, 9), Tokens.of(9)));
  }

  @Test
  void withoutPaddingItIsTheLast() {
    assertEquals(3, new RewardHead(RewardHead.NONE).pooled(PROMPT, Tokens.of(9, 9)));
  }
}
