package io.dil.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;

/**
 * Where byte-level tokenizers can be cut: before a space behind anything but white space, and
 * before ASCII punctuation behind an ASCII letter or digit.
 *
 * <p>Such a tokenizer splits the text with a regular expression, from left to right, and no token
 * crosses from one piece into another. In each expression that is known here (GPT-2, Llama 3, Qwen
 * 2)
 *
 * <ul>
 *   <li>a space is the first character of an alternative or lies among white space, and punctuation
 *       does not follow a letter or digit within one: so a piece always ends at such a place;
 *   <li>only {@code \s+(?!\S)} looks beyond its own end, and it takes nothing but white space: so
 *       the piece before the place, which ends otherwise, is the same when the text ends there;
 *   <li>nothing looks back: so the pieces behind the place are the same when the text begins there.
 * </ul>
 *
 * <p>Composition (NFC) joins neither a space nor ASCII punctuation to what precedes it. Added
 * tokens are found before any of this: where one has such a place inside, the character behind the
 * place is not cut at.
 */
final class ByteLevelCuts extends Cuts {
  /** The split of Llama 3 and that of Qwen 2, as their tokenizer.json have it. */
  private static final Set<String> KNOWN =
      Set.of(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
              + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
              + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

  private static final int ASCII = 128;

  private final boolean[] cutBefore = new boolean[ASCII];

  private ByteLevelCuts() {
    for (char c = '!'; c <= '~'; c++) {
      cutBefore[c] = !isLetterOrDigit(c);
    }
    cutBefore[' '] = true;
  }

  static Optional<Cuts> of(JsonNode tokenizer) {
    if (!splitsAsKnown(tokenizer)) {
      return Optional.empty();
    }
    ByteLevelCuts cuts = new ByteLevelCuts();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      if (reachesOut(token)) {
        return Optional.empty();
      }
      char[] content = token.path("content").asText().toCharArray();
      for (int at = 1; at < content.length; at++) {
        if (cuts.isCut(content, at)) {
          cuts.cutBefore[content[at]] = false;
        }
      }
    }
    return Optional.of(cuts);
  }

  private static boolean splitsAsKnown(JsonNode tokenizer) {
    JsonNode normalizer = tokenizer.path("normalizer");
    boolean composes = normalizer.path("type").asText().equals("NFC");
    if (!composes && !normalizer.isNull() && !normalizer.isMissingNode()) {
      return false;
    }
    JsonNode pre = tokenizer.path("pre_tokenizer");
    if (isByteLevel(pre, true)) {
      return true;
    }
    JsonNode steps = pre.path("pretokenizers");
    if (!pre.path("type").asText().equals("Sequence") || steps.size() != 2) {
      return false;
    }
    JsonNode split = steps.get(0);
    if (split.path("type").asText().equals("Digits")) {
      // It takes digits out of what GPT-2's expression then splits, as in SmolLM.
      return isByteLevel(steps.get(1), true);
    }
    return split.path("type").asText().equals("Split")
        && split.path("behavior").asText().equals("Isolated")
        && !split.path("invert").asBoolean()
        && KNOWN.contains(split.path("pattern").path("Regex").asText())
        && isByteLevel(steps.get(1), false);
  }

  /** Returns whether a step maps bytes, with GPT-2's expression before that or without. */
  private static boolean isByteLevel(JsonNode step, boolean withExpression) {
    return step.path("type").asText().equals("ByteLevel")
        && step.path("use_regex").asBoolean(true) == withExpression
        && !step.path("add_prefix_space").asBoolean(true);
  }

  @Override
  boolean isCut(char[] text, int at) {
    char next = text[at];
    if (next >= ASCII || !cutBefore[next]) {
      return false;
    }
    char last = text[at - 1];
    return isLetterOrDigit(last) || (next == ' ' && isNoSpace(last));
  }

  @Override
  int leftOut() {
    return 0;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /**
   * Returns whether no notion of white space has the character. Beyond ASCII, only letters and
   * digits are sure, and what takes two units, where Unicode has no white space.
   */
  private static boolean isNoSpace(char c) {
    return c < ASCII
        ? c > ' ' && c < 127
        : Character.isLetterOrDigit(c) || Character.isSurrogate(c);
  }
}
