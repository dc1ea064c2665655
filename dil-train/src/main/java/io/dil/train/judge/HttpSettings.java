package io.dil.train.judge;

import io.dil.core.InputException;
import java.net.URI;
import java.util.Locale;

/**
 * How a server is asked.
 *
 * @param base the URL that {@code /chat/completions} follows
 * @param model the judge's name, as the server knows it
 * @param temperature 0 is the likeliest answer
 * @param maxTokens the longest answer
 * @param completionTokens whether the bound is called {@code max_completion_tokens}, as newer
 *     models want it
 * @param seed of the server's draws
 * @param apiVersion Azure's {@code api-version}; empty for none. With it the key goes into the
 *     header {@code api-key}
 * @param concurrency requests at once
 * @param requestsPerMinute requests in a minute; 0 for any number
 * @param tokensPerMinute tokens in a minute; 0 for any number
 * @param retries how often a request is tried again
 */
public record HttpSettings(
    URI base,
    String model,
    double temperature,
    int maxTokens,
    boolean completionTokens,
    long seed,
    String apiVersion,
    int concurrency,
    double requestsPerMinute,
    double tokensPerMinute,
    int retries) {
  /** Checks the address and the ranges. */
  public HttpSettings {
    String scheme = base.getScheme() == null ? "" : base.getScheme().toLowerCase(Locale.ROOT);
    if (!(scheme.equals("https") || scheme.equals("http"))
        || base.getHost() == null
        || base.getUserInfo() != null) {
      throw new InputException("--base-url must be an http or https URL without a password");
    }
    if (concurrency < 1 || maxTokens < 1 || retries < 0 || !(temperature >= 0)) {
      throw new InputException(
          "concurrency and max tokens must be at least 1, retries and temperature at least 0, got "
              + concurrency
              + ", "
              + maxTokens
              + ", "
              + retries
              + ", "
              + temperature);
    }
  }

  /** Returns whether the server is this machine. */
  boolean isLoopback() {
    String host = base.getHost();
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
  }

  /** Returns where requests go. */
  URI address() {
    String root = base.toString().replaceAll("/+$", "");
    return URI.create(
        root + "/chat/completions" + (apiVersion.isEmpty() ? "" : "?api-version=" + apiVersion));
  }
}
