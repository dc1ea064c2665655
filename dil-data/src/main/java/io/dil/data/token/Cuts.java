package io.dil.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Tells where a text can be cut so that the tokens of its parts, one after the other, are the
 * tokens of the whole.
 *
 * <p>Whether a place is safe depends on the two characters beside it alone. Which ones are is
 * proved, for each kind of tokenizer, in the class that finds them; a tokenizer of any other kind
 * is not cut.
 */
abstract class Cuts {
  /** Returns the cuts that a {@code tokenizer.json} allows; empty if nothing is known about it. */
  static Optional<Cuts> of(JsonNode tokenizer) {
    return ByteLevelCuts.of(tokenizer).or(() -> MetaspaceCuts.of(tokenizer));
  }

  /** Returns whether the text can be cut before {@code at}, which is neither its start nor end. */
  abstract boolean isCut(char[] text, int at);

  /**
   * Returns how many characters of a part that is not the first are left out when it is tokenised
   * alone, because the tokenizer puts them back.
   */
  abstract int leftOut();

  /** Returns the first cut behind {@code from}, or the text's length. */
  final int next(char[] text, int from) {
    int at = from + 1;
    while (at < text.length && !isCut(text, at)) {
      at++;
    }
    return at;
  }

  /**
   * Returns whether an added token looks at what stands beside it: swallows white space, or is one
   * only as a whole word. Then no place is safe.
   */
  static boolean reachesOut(JsonNode addedToken) {
    return addedToken.path("lstrip").asBoolean()
        || addedToken.path("rstrip").asBoolean()
        || addedToken.path("single_word").asBoolean();
  }
}
