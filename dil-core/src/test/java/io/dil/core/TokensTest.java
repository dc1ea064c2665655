package io.dil.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TokensTest {
  @Test
  void startsWithItsFirstTokensAlone() {
    Tokens tokens = Tokens.of(1, 2, 3);
    assertTrue(tokens.startsWith(Tokens.of()));
    assertTrue(tokens.startsWith(Tokens.of(1, 2)));
    assertTrue(tokens.startsWith(tokens));
    assertFalse(tokens.startsWith(Tokens.of(2)));
    assertFalse(tokens.startsWith(Tokens.of(1, 3)));
    assertFalse(tokens.startsWith(Tokens.of(1, 2, 3, 4)));
  }

  @Test
  void aSliceLiesWithinTheTokens() {
    Tokens tokens = Tokens.of(1, 2, 3);
    assertEquals(Tokens.of(2, 3), tokens.slice(1, 3));
    assertEquals(Tokens.of(), tokens.slice(3, 3));
    assertThrows(ArrayIndexOutOfBoundsException.class, () -> tokens.slice(4, 4));
    assertThrows(IllegalArgumentException.class, () -> tokens.slice(2, 1));
  }
}
