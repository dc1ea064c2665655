package io.dil.core.model;

import io.dil.core.InputException;

/**
 * How the next token is chosen. The filters act in transformers' order: repetition penalty,
 * temperature, top-k, top-p.
 *
 * @param maxNewTokens tokens to generate at most
 * @param temperature divides the logits; 0 takes the likeliest token (greedy)
 * @param topK keeps the k likeliest tokens; 0 keeps all
 * @param topP keeps the likeliest tokens until their probability reaches p; 1 keeps all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens that already
 *     stand in the sequence (Keskar et al. 2019); 1 does nothing
 * @param seed of the random draws; every sequence has its own stream
 */
public record GenerationOptions(
    int maxNewTokens,
    double temperature,
    int topK,
    double topP,
    double repetitionPenalty,
    long seed) {
  /** Checks the ranges. */
  public GenerationOptions {
    require(maxNewTokens > 0, "max new tokens must be positive", maxNewTokens);
    require(
        temperature >= 0 && Double.isFinite(temperature), "temperature must be >= 0", temperature);
    require(topK >= 0, "top-k must be >= 0", topK);
    require(topP > 0 && topP <= 1, "top-p must lie in (0, 1]", topP);
    require(repetitionPenalty > 0, "repetition penalty must be positive", repetitionPenalty);
  }

  /** Returns these options with another seed. */
  public GenerationOptions withSeed(long other) {
    return new GenerationOptions(maxNewTokens, temperature, topK, topP, repetitionPenalty, other);
  }

  /** Returns greedy decoding. */
  public static GenerationOptions greedy(int maxNewTokens) {
    return new GenerationOptions(maxNewTokens, 0, 0, 1, 1, 0);
  }

  /** Returns plain sampling. */
  public static GenerationOptions sample(int maxNewTokens, double temperature, long seed) {
    return new GenerationOptions(maxNewTokens, temperature, 0, 1, 1, seed);
  }

  private static void require(boolean holds, String rule, Number got) {
    if (!holds) {
      throw new InputException(rule + ", got " + got);
    }
  }
}
