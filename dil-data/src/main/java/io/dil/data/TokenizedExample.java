package io.dil.data;

import io.dil.core.TokenGroup;

/**
 * An example as token ids.
 *
 * @param id the id of the row it came from
 * @param tokens prompt and responses: chosen then rejected for a {@link PreferencePair}, one
 *     response for the others
 * @param desirable the label of a {@link LabelledResponse}; true for the others
 * @param margin that of a {@link PreferencePair}; 0 for the others
 */
public record TokenizedExample(String id, TokenGroup tokens, boolean desirable, double margin)
    implements Tokenized {
  /** An example without a margin. */
  public TokenizedExample(String id, TokenGroup tokens, boolean desirable) {
    this(id, tokens, desirable, 0);
  }

  /** Whether this is a preference pair: two responses, chosen first. */
  public boolean isPair() {
    return tokens.responses().size() == 2;
  }

  /** Returns the tokens of the prompt and of the longest response together. */
  public int maxLength() {
    int longest = 0;
    for (var response : tokens.responses()) {
      longest = Math.max(longest, response.size());
    }
    return tokens.prompt().size() + longest;
  }
}
