package io.dil.train.cli;

import io.dil.core.model.GenerationOptions;
import picocli.CommandLine.Option;

/** The options of every command that draws tokens. */
final class DrawOptions {
  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 is greedy (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Draw from the K likeliest tokens; 0: from all.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description = "Draw from the likeliest tokens that reach probability P.")
  private double topP;

  @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "Of the draws.")
  private long seed;

  /** Returns the options of a generation, checked. */
  GenerationOptions with(int maxNewTokens, double repetitionPenalty) {
    return new GenerationOptions(maxNewTokens, temperature, topK, topP, repetitionPenalty, seed);
  }
}
