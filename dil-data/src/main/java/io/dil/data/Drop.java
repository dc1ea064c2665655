package io.dil.data;

import java.util.Locale;

/** Why a row is left out. Every one is counted; none is an error. */
public enum Drop implements Parsed, Tokenized {
  /** A response is empty or only white space. */
  EMPTY_RESPONSE,
  /** The two responses of a pair are the same text. */
  IDENTICAL_RESPONSES,
  /** The two responses differ only in what truncation cut off. */
  IDENTICAL_AFTER_TRUNCATION,
  /** The prompt leaves no room for a response under {@code max_length}. */
  PROMPT_FILLS_MAX_LENGTH,
  /** The prompt is empty and the model has no BOS to stand for it. */
  EMPTY_PROMPT,
  /** The two sides of a pair do not answer the same prompt. */
  PROMPTS_DIFFER,
  /** The chat template renders the prompt alone differently from the prompt with a response. */
  TEMPLATE_BOUNDARY,
  /** The chat template refuses the conversation, for instance two user turns in a row. */
  TEMPLATE_REFUSED,
  /** The chat template passes over a turn, of which nothing is left in the text. */
  TURN_NOT_RENDERED,
  /** The chat template has nothing to learn in the conversation, or does not say where it is. */
  NO_LEARNT_TURN,
  /** The row is malformed and {@code on_bad_row} is {@code skip}. */
  BAD_ROW,
  /** The row belongs to the other side of the hold-out split. */
  OTHER_SPLIT,
  /** The same example has been seen before in this epoch. */
  DUPLICATE,
  /** The prompt shares a long run of words with a text of the decontamination list. */
  CONTAMINATED,
  /** The example is longer than the length filter allows. */
  TOO_LONG,
  /** The example is shorter than the length filter allows. */
  TOO_SHORT;

  /** Returns the name as reports show it, for instance {@code identical_responses}. */
  public String reason() {
    return name().toLowerCase(Locale.ROOT);
  }
}
