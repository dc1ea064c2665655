package io.dil.data.stream;

/**
 * SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): the
 * same numbers for the same seed on every Java version, which an order that must be resumed rests
 * on.
 */
final class SeededRandom {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private long state;

  /** Starts a sequence that depends on every one of the values and on their order. */
  SeededRandom(long... seeds) {
    for (long seed : seeds) {
      state = mix(state + GOLDEN) ^ seed;
    }
  }

  /** Returns the next 64 random bits. */
  long next() {
    state += GOLDEN;
    return mix(state);
  }

  /** Returns a number from 0 (inclusive) to {@code bound} (exclusive). */
  int below(int bound) {
    // The high half of a 64 by 32 bit product; the bias is below 2^-32.
    return (int) Math.multiplyHigh(next() >>> 1, 2L * bound);
  }

  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  double fraction() {
    return (next() >>> 11) * 0x1.0p-53;
  }

  /** Scatters the bits of a value. */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
