package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class PartIdsTest {
  private static char[] word(int i) {
    return ("w" + Integer.toString(i, 36)).toCharArray();
  }

  @Test
  void givesBackWhatItWasGivenOrNothing() {
    PartIds parts = new PartIds();
    int words = 400_000;
    for (int i = 0; i < words; i++) {
      parts.put(word(i), 0, word(i).length, new int[] {i});
    }
    int kept = 0;
    for (int i = 0; i < words; i++) {
      int[] ids = parts.get(word(i), 0, word(i).length);
      if (ids != null) {
        assertArrayEquals(new int[] {i}, ids);
        kept++;
      }
    }
    // Far more words than places: nearly every place is taken, and there are no more than those.
    assertTrue(kept > 100_000 && kept <= 1 << 17, "kept " + kept);
  }

  @Test
  void looksAtThePartAlone() {
    PartIds parts = new PartIds();
    parts.put("a word here".toCharArray(), 1, 6, new int[] {7, 8});
    assertArrayEquals(new int[] {7, 8}, parts.get("other word".toCharArray(), 5, 10));
    assertNull(parts.get("other words".toCharArray(), 5, 11));
    assertNull(parts.get(" wor".toCharArray(), 0, 4));
  }

  @Test
  void keepsNothingLong() {
    PartIds parts = new PartIds();
    char[] part = "x".repeat(100).toCharArray();
    parts.put(part, 0, part.length, new int[] {1});
    assertNull(parts.get(part, 0, part.length));
  }
}
