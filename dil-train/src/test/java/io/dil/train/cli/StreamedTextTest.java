package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamedTextTest {
  private final List<String> shown = new ArrayList<>();

  @Test
  void holdsBackACharacterThatIsNotWhole() {
    byte[] utf8 = "aé!".getBytes(StandardCharsets.UTF_8);
    StreamedText text = new StreamedText(StreamedTextTest::bytes, List.of(), shown::add);
    for (byte b : utf8) {
      assertTrue(text.accept(b & 0xff));
    }
    text.finish();
    assertEquals(List.of("a", "é", "!"), shown);
  }

  @Test
  void endsAtAStopStringThatTokensCut() {
    StreamedText text = new StreamedText(StreamedTextTest::bytes, List.of("END"), shown::add);
    for (char c : "an EEN".toCharArray()) {
      assertTrue(text.accept(c));
    }
    assertFalse(text.accept('D'));
    text.finish();
    assertEquals("an E", text.text());
    assertEquals("an E", String.join("", shown));
  }

  @Test
  void whatOnlyLookedLikeAStopIsShown() {
    StreamedText text = new StreamedText(StreamedTextTest::bytes, List.of("END"), shown::add);
    for (char c : "EN".toCharArray()) {
      text.accept(c);
    }
    assertEquals(List.of(), shown);
    text.finish();
    assertEquals(List.of("EN"), shown);
  }

  private static String bytes(Tokens tokens) {
    byte[] raw = new byte[tokens.size()];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) tokens.get(i);
    }
    return new String(raw, StandardCharsets.UTF_8);
  }
}
