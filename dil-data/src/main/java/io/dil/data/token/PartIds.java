package io.dil.data.token;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the ids of parts of text that were seen, in bounded memory: parts that are long are not
 * kept, and where there is no room an older one makes way.
 *
 * <p>Safe for use by several threads at once and without locks. An entry is never changed and has
 * only final fields, so that a thread sees a whole entry or none; of two that are put in the same
 * place at once one is lost, and is looked up again.
 */
final class PartIds {
  /** Words of natural language with what clings to them are shorter. */
  private static final int LONGEST = 48;

  /** At some 100 bytes an entry, 13 MB when full; at most 52 MB if every part were the longest. */
  private static final int PLACES = 1 << 17;

  /** A part is looked for in so many places beside each other. */
  private static final int TRIES = 4;

  private final @Nullable Entry[] entries = new Entry[PLACES];

  @SuppressWarnings("ArrayRecordComponent") // Never compared as a record, never handed out.
  private record Entry(char[] part, int[] ids) {}

  /** Returns the ids of the part of {@code text} between two places, or null if it is not kept. */
  int @Nullable [] get(char[] text, int from, int to) {
    int first = place(text, from, to);
    for (int i = 0; i < TRIES; i++) {
      Entry entry = entries[first ^ i];
      if (entry == null) {
        return null;
      }
      if (Arrays.equals(entry.part, 0, entry.part.length, text, from, to)) {
        return entry.ids;
      }
    }
    return null;
  }

  /** Keeps the ids of a part. */
  void put(char[] text, int from, int to, int[] ids) {
    if (to - from > LONGEST || ids.length > LONGEST) {
      return;
    }
    int first = place(text, from, to);
    int place = first;
    for (int i = 1; i < TRIES && entries[place] != null; i++) {
      place = first ^ i;
    }
    if (entries[place] != null) {
      // All are taken: which one makes way depends on the newcomer, so that none is always lost.
      place = first ^ (text[to - 1] % TRIES);
    }
    entries[place] = new Entry(Arrays.copyOfRange(text, from, to), ids);
  }

  private static int place(char[] text, int from, int to) {
    int hash = to - from;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + text[i];
    }
    // The high bits of the product depend on all characters.
    return (hash * 0x9E3779B9) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(PLACES));
  }
}
