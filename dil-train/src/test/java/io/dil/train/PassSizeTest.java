package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.TokenizedExample;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PassSizeTest {
  // Each example is two tokens of prompt and a response of so many.
  private static final List<TokenizedExample> STEP =
      Stream.of(3, 1, 6, 2, 2, 2).map(PassSizeTest::example).toList();

  @Test
  void boundsExamples() {
    assertEquals(List.of(4, 2), sizes(PassSize.of(4)));
    assertEquals(List.of(6), sizes(PassSize.of(6)));
  }

  @Test
  void boundsTokensAndKeepsTheOrder() {
    // 5 + 3 tokens, 8, 4 + 4, 4
    assertEquals(List.of(2, 1, 2, 1), sizes(new PassSize(6, 8)));
    List<TokenizedExample> all =
        new PassSize(6, 8)
            .cut(STEP, TokenizedExample::tokens).stream().flatMap(List::stream).toList();
    assertEquals(STEP, all);
  }

  @Test
  void anExampleBeyondTheBoundStandsAlone() {
    assertEquals(List.of(1, 1, 1, 1, 1, 1), sizes(new PassSize(6, 1)));
  }

  @Test
  void refusesNothingAtOnce() {
    assertThrows(IllegalArgumentException.class, () -> PassSize.of(0));
    assertThrows(IllegalArgumentException.class, () -> new PassSize(1, 0));
  }

  private static List<Integer> sizes(PassSize size) {
    return size.cut(STEP, TokenizedExample::tokens).stream().map(List::size).toList();
  }

  private static TokenizedExample example(int response) {
    return new TokenizedExample(
        "row", new TokenGroup(Tokens.of(1, 2), List.of(Tokens.of(new int[response]))), true);
  }
}
