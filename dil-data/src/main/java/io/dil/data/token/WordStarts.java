package io.dil.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * Tells where a text can be cut so that its parts have the same tokens as the whole.
 *
 * <p>A byte-level tokenizer first splits the text with a regular expression. All that are in use
 * (GPT-2, Llama 3, Qwen 2) let a run of letters end at a space and begin the next piece with that
 * space; and no token crosses from one piece into another. So between a letter and the space before
 * another letter there is always a boundary. For tokenizers without such a split nothing is known,
 * and nothing is cut.
 */
final class WordStarts {
  /** The split of Llama 3 and that of Qwen 2, as their tokenizer.json have it. */
  private static final Set<String> KNOWN =
      Set.of(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
              + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
              + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

  /** So much is kept behind a cut, so that what follows it is never in doubt. */
  private static final int LEAST_TAIL = 8;

  private final boolean known;

  private WordStarts(boolean known) {
    this.known = known;
  }

  /** Looks at a {@code tokenizer.json}. */
  static WordStarts of(JsonNode tokenizer) {
    return new WordStarts(splitsAtSpaces(tokenizer) && !hasSpacedTokens(tokenizer));
  }

  private static boolean splitsAtSpaces(JsonNode tokenizer) {
    JsonNode normalizer = tokenizer.path("normalizer");
    if (!normalizer.isNull() && !normalizer.isMissingNode()) {
      // Composing characters changes no ASCII letter and no space.
      String type = normalizer.path("type").asText();
      if (!type.equals("NFC") && !type.equals("NFKC")) {
        return false;
      }
    }
    JsonNode pre = tokenizer.path("pre_tokenizer");
    if (pre.path("type").asText().equals("ByteLevel")) {
      // Without use_regex the default is true, and the expression GPT-2's.
      return pre.path("use_regex").asBoolean(true) && !pre.path("add_prefix_space").asBoolean(true);
    }
    JsonNode steps = pre.path("pretokenizers");
    return steps.size() == 2
        && steps.get(0).path("type").asText().equals("Split")
        && steps.get(0).path("behavior").asText().equals("Isolated")
        && !steps.get(0).path("invert").asBoolean()
        && KNOWN.contains(steps.get(0).path("pattern").path("Regex").asText())
        && steps.get(1).path("type").asText().equals("ByteLevel")
        && !steps.get(1).path("use_regex").asBoolean(true)
        && !steps.get(1).path("add_prefix_space").asBoolean(true);
  }

  /** Returns whether an added token could lie across a cut, or swallow the space at one. */
  private static boolean hasSpacedTokens(JsonNode tokenizer) {
    for (JsonNode token : tokenizer.path("added_tokens")) {
      boolean swallows = token.path("lstrip").asBoolean() || token.path("rstrip").asBoolean();
      if (swallows || last(token.path("content").asText(), 0) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns the last place near the end where the text can be cut; 0 if there is none. */
  int lastCut(String text) {
    return known ? Math.max(0, last(text, LEAST_TAIL)) : 0;
  }

  private static int last(String text, int tail) {
    for (int i = text.length() - Math.max(2, tail); i > 0; i--) {
      if (text.charAt(i) == ' ' && isLetter(text.charAt(i - 1)) && isLetter(text.charAt(i + 1))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
