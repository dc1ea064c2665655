package io.dil.core.model;

import ai.djl.ndarray.NDArray;

/**
 * A low-rank change of a linear layer: y = Wx becomes y = Wx + scale · B(Ax).
 *
 * <p>Source: Hu et al. 2021, <a href="https://arxiv.org/abs/2106.09685">LoRA</a>, eq. 3.
 *
 * @param a the fp32 matrix A (rank, in)
 * @param b the fp32 matrix B (out, rank)
 * @param scale the factor of the change
 */
public record LowRank(NDArray a, NDArray b, double scale) {
  /** What follows a linear's name in the name of A. */
  static final String A = ".lora_A.weight";

  /** What follows a linear's name in the name of B. */
  public static final String B = ".lora_B.weight";
}
