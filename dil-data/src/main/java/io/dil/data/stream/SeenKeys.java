package io.dil.data.stream;

/** A set of keys at 32 to 64 bytes each: open addressing in one array, at most half full. */
final class SeenKeys {
  private static final int START = 1 << 12;

  private long[] table = new long[2 * START];
  private int size;

  /** Adds a key; returns whether it is new. */
  boolean add(ContentKey key) {
    // All zero marks a free place; a SHA-256 that begins with 128 zero bits has never been seen.
    if (4L * size >= table.length) {
      grow();
    }
    if (!insert(table, key.high(), key.low())) {
      return false;
    }
    size++;
    return true;
  }

  private void grow() {
    long[] larger = new long[2 * table.length];
    for (int i = 0; i < table.length; i += 2) {
      if (table[i] != 0 || table[i + 1] != 0) {
        insert(larger, table[i], table[i + 1]);
      }
    }
    table = larger;
  }

  private static boolean insert(long[] table, long high, long low) {
    int mask = table.length / 2 - 1;
    int slot = (int) low & mask;
    while (table[2 * slot] != 0 || table[2 * slot + 1] != 0) {
      if (table[2 * slot] == high && table[2 * slot + 1] == low) {
        return false;
      }
      slot = (slot + 1) & mask;
    }
    table[2 * slot] = high;
    table[2 * slot + 1] = low;
    return true;
  }
}
