package io.dil.losses;

import ai.djl.ndarray.NDArray;

/**
 * What a reward model says about a batch of preference pairs.
 *
 * @param chosen r(x, y_w), the rewards of the preferred responses, shape (B)
 * @param rejected r(x, y_l), those of the dispreferred responses, shape (B)
 * @param margins m, by how much the first should at least be above the second, shape (B); 0 where
 *     nothing is asked for
 */
public record PairRewards(NDArray chosen, NDArray rejected, NDArray margins) {

  /** Checks that the three arrays describe the same pairs. */
  public PairRewards {
    LossMath.requireVector("chosen", chosen);
    LossMath.requireSameShape("rejected", rejected, "chosen", chosen);
    LossMath.requireSameShape("margins", margins, "chosen", chosen);
  }

  /** Returns rewards without margins. */
  public static PairRewards of(NDArray chosen, NDArray rejected) {
    return new PairRewards(chosen, rejected, chosen.zerosLike());
  }

  /** Returns the number of pairs, B. */
  public long size() {
    return chosen.size();
  }
}
