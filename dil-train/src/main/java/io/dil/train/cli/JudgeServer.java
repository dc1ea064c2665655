package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.train.judge.HttpSettings;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a judge: its server, what it is asked with, and what it may cost. */
final class JudgeServer {
  private static final String OPENAI = "https://api.openai.com/v1";

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "The judge, as its server calls it.")
  private @Nullable String model;

  @Option(
      names = "--base-url",
      paramLabel = "URL",
      description = "Any server with /chat/completions (default: $OPENAI_BASE_URL, or OpenAI's).")
  private @Nullable String base;

  @Option(
      names = "--api-version",
      defaultValue = "",
      paramLabel = "V",
      description = "Azure's; the key then goes into the header api-key.")
  private String apiVersion = "";

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "Of the judge; DPO's script left it at 1 (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--max-tokens",
      defaultValue = "512",
      paramLabel = "N",
      description = "The longest answer (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--completion-tokens",
      description = "Call that bound max_completion_tokens, as newer models want it.")
  private boolean completionTokens;

  @Option(names = "--server-seed", defaultValue = "0", paramLabel = "N", description = "Its seed.")
  private long serverSeed;

  @Option(
      names = "--concurrency",
      defaultValue = "4",
      paramLabel = "N",
      description = "Questions at once (default: ${DEFAULT-VALUE}).")
  private int concurrency;

  @Option(names = "--requests-per-minute", paramLabel = "N", description = "No more than that.")
  private double requestsPerMinute;

  @Option(names = "--tokens-per-minute", paramLabel = "N", description = "No more than that.")
  private double tokensPerMinute;

  @Option(
      names = "--retries",
      defaultValue = "8",
      paramLabel = "N",
      description = "Further tries after a failure that may pass (default: ${DEFAULT-VALUE}).")
  private int retries;

  @Option(names = "--price-in", paramLabel = "P", description = "Of a million tokens read.")
  private double priceIn;

  @Option(names = "--price-out", paramLabel = "P", description = "Of a million tokens written.")
  private double priceOut;

  @Option(names = "--max-cost", paramLabel = "C", description = "Stop before it costs more.")
  private double maxCost;

  String model() {
    if (model == null) {
      throw new InputException("--model must name the judge, or --local a model folder");
    }
    return model;
  }

  URI base() {
    String variable = System.getenv("OPENAI_BASE_URL");
    String url = base != null ? base : variable != null && !variable.isBlank() ? variable : OPENAI;
    try {
      URI parsed = URI.create(url.strip());
      if (parsed.getHost() == null) {
        throw new InputException("--base-url must be a URL with a host, got " + url);
      }
      return parsed;
    } catch (IllegalArgumentException e) {
      throw new InputException("--base-url must be a URL, got " + url, e);
    }
  }

  /** Returns what an answer depends on, beside the judge's name. */
  String parameters() {
    return "temperature=" + temperature + " max_tokens=" + maxTokens + " seed=" + serverSeed;
  }

  HttpSettings settings() {
    if (maxCost > 0 && !hasPrices()) {
      throw new InputException("--max-cost needs --price-in and --price-out");
    }
    return new HttpSettings(
        base(),
        model(),
        temperature,
        maxTokens,
        completionTokens,
        serverSeed,
        apiVersion,
        concurrency,
        requestsPerMinute,
        tokensPerMinute,
        retries);
  }

  boolean hasPrices() {
    return priceIn > 0 || priceOut > 0;
  }

  double priceIn() {
    return priceIn;
  }

  double priceOut() {
    return priceOut;
  }

  double maxCost() {
    return maxCost;
  }

  int maxTokens() {
    return maxTokens;
  }

  double temperature() {
    return temperature;
  }

  int concurrency() {
    if (concurrency < 1) {
      throw new InputException("--concurrency must be at least 1, got " + concurrency);
    }
    return concurrency;
  }
}
