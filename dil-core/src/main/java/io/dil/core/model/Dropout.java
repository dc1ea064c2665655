package io.dil.core.model;

import java.util.SplittableRandom;

/**
 * Which inputs of an adapter a training pass drops: y = Wx + s·B(A(x ∘ m)) / (1 − p), where an
 * element of m is 0 with probability p, else 1.
 *
 * <p>A mask is not drawn from a stream but is a function of what it masks, so that it is the same
 * however a step is computed: scored first and recomputed later, in micro-batches, with a prompt
 * shared or not, or by a run that was killed and goes on. A row of 64 bits (a, b) comes from seed,
 * step, example, part of the example (its prompt or one of its responses) and position; a column of
 * 32 bits c from the linear's name and the input feature. With all arithmetic modulo 2³²,
 *
 * <pre>
 * h = (a ⊕ c)·(2b + 1)
 * h = (h ⊕ h≫16)·7feb352d₁₆
 * h = (h ⊕ h≫15)·846ca68b₁₆
 * m = 0 where h, as a signed number, is below p·2³² − 2³¹
 * </pre>
 *
 * <p>Source: Srivastava et al. 2014, <a href="https://jmlr.org/papers/v15/srivastava14a.html">
 * Dropout</a>; of the last two lines Wellons 2018, <a
 * href="https://nullprogram.com/blog/2018/07/31/">lowbias32</a>.
 *
 * @param seed the run's seed
 * @param step the optimiser step
 * @param first the place in the step of the first group of a pass; the others follow it
 */
public record Dropout(long seed, long step, int first) {

  /** Returns a row for every token of a batch: the N values a, then the N values 2b + 1. */
  int[] rows(TokenBatch batch) {
    int n = batch.ids().length;
    int[] rows = new int[2 * n];
    long ofStep = mixed(mixed(seed) + step);
    for (int i = 0; i < n; i++) {
      long ofPart = mixed(mixed(ofStep + first + batch.groups()[i]) + batch.parts()[i]);
      long row = mixed(ofPart + batch.positions()[i]);
      rows[i] = (int) row;
      rows[n + i] = (int) (row >>> 32) << 1 | 1;
    }
    return rows;
  }

  /** Returns a column for every input of a linear. */
  static int[] columns(String linear, int inputs) {
    long ofLinear = 0;
    for (int i = 0; i < linear.length(); i++) {
      ofLinear = mixed(ofLinear + linear.charAt(i));
    }
    int[] columns = new int[inputs];
    for (int i = 0; i < inputs; i++) {
      columns[i] = (int) mixed(ofLinear + i);
    }
    return columns;
  }

  // SplitMix64: the first draw of a generator is a fixed, bijective mix of its seed.
  private static long mixed(long value) {
    return new SplittableRandom(value).nextLong();
  }
}
