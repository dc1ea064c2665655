package io.dil.data.token;

import io.dil.core.InputException;

/**
 * How long an example may be, in tokens.
 *
 * <p>The prompt's start is dropped first, down to {@code maxPromptLength}; a BOS stays in front.
 * Then the response's end is dropped until prompt and response fit {@code maxLength}. A response
 * that lost its end has no EOS: the model must not learn to stop in the middle.
 *
 * @param maxLength the most tokens of prompt and response together
 * @param maxPromptLength the most tokens of the prompt, BOS included
 */
public record Truncation(int maxLength, int maxPromptLength) {
  /** No limit. */
  public static final Truncation NONE = new Truncation(Integer.MAX_VALUE, Integer.MAX_VALUE);

  /** Checks that a token of each fits. */
  public Truncation {
    if (maxLength < 2) {
      throw new InputException(
          "max_length must be at least 2, a token of prompt and one of response, got " + maxLength);
    }
    if (maxPromptLength < 1) {
      throw new InputException("max_prompt_length must be at least 1, got " + maxPromptLength);
    }
  }
}
