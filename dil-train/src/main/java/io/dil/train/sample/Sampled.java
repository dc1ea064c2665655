package io.dil.train.sample;

import io.dil.core.Tokens;
import java.util.List;

/**
 * A model's answers to one prompt, with the very tokens that were drawn: another tokenisation of
 * the same text would be another sample.
 *
 * @param answers the answers as texts
 * @param prompt the prompt's tokens, without what was cut
 * @param responses the tokens of each answer, its end's included
 */
public record Sampled(Answers answers, Tokens prompt, List<Tokens> responses) {
  /** Copies the list. */
  public Sampled {
    responses = List.copyOf(responses);
  }
}
