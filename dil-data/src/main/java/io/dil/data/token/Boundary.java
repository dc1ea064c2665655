package io.dil.data.token;

import io.dil.core.Tokens;
import java.util.Optional;

/**
 * Tokenises a response so that it continues the tokens of its prompt, which are fixed beforehand.
 *
 * <p>The rule, for prompt text p and response text r:
 *
 * <ol>
 *   <li>if tok(p) is a prefix of tok(p + r), the response is the rest of tok(p + r);
 *   <li>otherwise a token of tok(p + r) crosses the boundary, and the response is tokenised alone,
 *       as text that goes on: the rest of tok(s + r) after tok(s), with s the first of a line
 *       break, a full stop and a digit for which tok(s) is a prefix of tok(s + r); a tokenizer that
 *       puts a space before every text then puts none before the response;
 *   <li>if no s will do, tok(r).
 * </ol>
 *
 * <p>Either way the tokens of the prompt are tok(p): the same for every response, and the same that
 * the model is given when it generates.
 */
final class Boundary {
  private static final String[] STARTS = {"\n", ".", "0"};

  private final TextTokenizer tokenizer;

  Boundary(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** A prompt and its ids. */
  record Opening(String prompt, Tokens tokens) {}

  /** Tokenises a prompt. */
  Opening open(String prompt) {
    return new Opening(prompt, tokenizer.encode(prompt));
  }

  /** Returns the tokens of {@code response} after a prompt. */
  Tokens continuation(Opening prompt, String response) {
    if (response.isEmpty()) {
      return Tokens.of();
    }
    Optional<Tokens> joint = rest(prompt.tokens(), tokenizer.encode(prompt.prompt() + response));
    if (joint.isPresent()) {
      return joint.get();
    }
    for (String start : STARTS) {
      Optional<Tokens> alone = rest(tokenizer.encode(start), tokenizer.encode(start + response));
      if (alone.isPresent()) {
        return alone.get();
      }
    }
    return tokenizer.encode(response);
  }

  private static Optional<Tokens> rest(Tokens prefix, Tokens whole) {
    if (whole.size() <= prefix.size() || !whole.startsWith(prefix)) {
      return Optional.empty();
    }
    return Optional.of(whole.slice(prefix.size(), whole.size()));
  }
}
