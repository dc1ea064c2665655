package io.dil.train.eval;

import java.util.HashSet;
import java.util.Set;

/**
 * Python's {@code random.Random}: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with
 * CPython's seeding, {@code sample} and {@code shuffle}. Few-shot examples are drawn with it, so a
 * benchmark is the same one only if every draw is.
 */
public final class PythonRandom {
  private static final int N = 624;
  private static final int M = 397;
  private static final int MATRIX = 0x9908b0df;
  private static final int UPPER = 0x80000000;
  private static final int LOWER = 0x7fffffff;

  private final int[] state = new int[N];
  private int next = N;

  /** Seeds the generator as {@code random.Random(seed)} does with an integer. */
  public PythonRandom(long seed) {
    long size = Math.abs(seed);
    int high = (int) (size >>> 32);
    seed(high == 0 ? new int[] {(int) size} : new int[] {(int) size, high});
  }

  /** {@code init_by_array} of the reference implementation. */
  private void seed(int[] key) {
    state[0] = 19650218;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    int i = 1;
    int j = 0;
    for (int k = Math.max(N, key.length); k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + key[j] + j;
      i = following(i);
      j = (j + 1) % key.length;
    }
    for (int k = N - 1; k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
      i = following(i);
    }
    state[0] = UPPER;
  }

  private int following(int i) {
    if (i + 1 < N) {
      return i + 1;
    }
    state[0] = state[N - 1];
    return 1;
  }

  /** Returns the next 32 random bits. */
  int bits() {
    if (next == N) {
      for (int k = 0; k < N; k++) {
        int y = (state[k] & UPPER) | (state[(k + 1) % N] & LOWER);
        state[k] = state[(k + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : MATRIX);
      }
      next = 0;
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /**
   * Returns a number from 0 (inclusive) to {@code n} (exclusive): draws again what is too large.
   */
  public int below(int n) {
    if (n <= 0) {
      throw new IllegalArgumentException("n must be positive, got " + n);
    }
    int width = Integer.SIZE - Integer.numberOfLeadingZeros(n);
    int drawn = bits() >>> (Integer.SIZE - width);
    while (drawn >= n) {
      drawn = bits() >>> (Integer.SIZE - width);
    }
    return drawn;
  }

  /**
   * Returns {@code sample(range(n), k)}: k different numbers below n in the order drawn.
   *
   * @throws IllegalArgumentException if n is smaller than k
   */
  public int[] sample(int n, int k) {
    if (k < 0 || k > n) {
      throw new IllegalArgumentException("k must lie in [0, " + n + "], got " + k);
    }
    int[] result = new int[k];
    // CPython's choice by the memory of either way: a list of all, or a set of those taken.
    long bound = 21;
    if (k > 5) {
      bound += (long) Math.pow(4, Math.ceil(Math.log(k * 3.0) / Math.log(4)));
    }
    if (n <= bound) {
      int[] pool = new int[n];
      for (int i = 0; i < n; i++) {
        pool[i] = i;
      }
      for (int i = 0; i < k; i++) {
        int j = below(n - i);
        result[i] = pool[j];
        pool[j] = pool[n - i - 1];
      }
      return result;
    }
    Set<Integer> taken = new HashSet<>();
    for (int i = 0; i < k; i++) {
      int j = below(n);
      while (!taken.add(j)) {
        j = below(n);
      }
      result[i] = j;
    }
    return result;
  }

  /** Returns the order that {@code shuffle(list(range(n)))} leaves. */
  public int[] shuffled(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = below(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
