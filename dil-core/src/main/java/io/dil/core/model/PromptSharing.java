package io.dil.core.model;

/** Whether a prompt is computed once for all of its responses. */
public enum PromptSharing {
  /** Once, wherever the model computes it alike before all of them. */
  ALWAYS,
  /** Anew for every response. */
  NEVER,
  /**
   * Once where that is less work.
   *
   * <p>It saves the linears over the p tokens of the prompt, 2Pp operations a layer with P weights.
   * It costs attention: a response of n tokens that stands apart from its prompt needs a mask, and
   * kernels compute what a mask hides, 4wn(n + p) operations for a width of w, where a sequence in
   * one piece takes half of its square, 2w(n + p)². So it pays where Pp ≥ w(n² − p²): nearly
   * always, but not with a short prompt and a response of more than a thousand tokens. {@code
   * docs/benchmarks} has the times; a rule by size, unlike one by the clock, decides the same when
   * a run is resumed.
   */
  AUTO;

  /** Returns whether a response of {@code n} tokens should share a prompt of {@code p}. */
  boolean worth(ModelSpec spec, long p, long n) {
    return switch (this) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO -> spec.linearWeights() * p >= spec.hiddenSize() * (n * n - p * p);
    };
  }
}
