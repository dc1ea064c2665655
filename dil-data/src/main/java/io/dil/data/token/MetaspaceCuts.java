package io.dil.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.Iterator;
import java.util.Optional;

/**
 * Where tokenizers of Llama 2's kind can be cut: before a space behind a character that no token
 * has directly before a {@code ▁}.
 *
 * <p>Such a tokenizer writes {@code ▁} for every space and one more before the text, and merges
 * pairs of neighbours (BPE) over the whole text. A merge across the cut would make a token that has
 * both characters beside the cut next to each other; the vocabulary is searched for such tokens,
 * and where there are none the two sides are merged independently of each other.
 *
 * <p>A part begins with a space, and alone it would get a second {@code ▁} before that one.
 * Tokenizers that write it before every text are therefore given the part without its first space
 * ({@link #leftOut}); those that write it only before a text without one (Metaspace) get all of it.
 *
 * <p>Added tokens are found first, and what lies between them is treated as a text each. So no cut
 * lies beside one, which is made sure of by the first and last characters of them all.
 */
final class MetaspaceCuts extends Cuts {
  private static final char MARK = '▁';

  /** Characters that must not stand before the space. */
  private final BitSet notBehind;

  /** Characters that must not follow the space. */
  private final BitSet notBefore;

  private final int leftOut;

  private MetaspaceCuts(BitSet notBehind, BitSet notBefore, int leftOut) {
    this.notBehind = notBehind;
    this.notBefore = notBefore;
    this.leftOut = leftOut;
  }

  static Optional<Cuts> of(JsonNode tokenizer) {
    int leftOut = leftOut(tokenizer);
    JsonNode model = tokenizer.path("model");
    if (leftOut < 0 || !mergesPairs(model)) {
      return Optional.empty();
    }
    BitSet notBehind = new BitSet();
    notBehind.set(' ');
    for (Iterator<String> tokens = model.path("vocab").fieldNames(); tokens.hasNext(); ) {
      String token = tokens.next();
      for (int at = token.indexOf(MARK, 1); at > 0; at = token.indexOf(MARK, at + 1)) {
        notBehind.set(token.charAt(at - 1));
      }
    }
    BitSet notBefore = new BitSet();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      String content = token.path("content").asText();
      if (reachesOut(token) || content.indexOf(' ') >= 0 || content.indexOf(MARK) >= 0) {
        return Optional.empty();
      }
      if (!content.isEmpty()) {
        notBehind.set(content.charAt(content.length() - 1));
        notBefore.set(content.charAt(0));
      }
    }
    return Optional.of(new MetaspaceCuts(notBehind, notBefore, leftOut));
  }

  /** Returns what is left out of a part, or -1 if spaces are not treated as described above. */
  private static int leftOut(JsonNode tokenizer) {
    JsonNode normalizer = tokenizer.path("normalizer");
    JsonNode pre = tokenizer.path("pre_tokenizer");
    JsonNode steps = normalizer.path("normalizers");
    if (isAbsent(pre)) {
      boolean prepends =
          normalizer.path("type").asText().equals("Sequence")
              && steps.size() == 2
              && steps.get(0).path("type").asText().equals("Prepend")
              && isMark(steps.get(0).path("prepend"))
              && steps.get(1).path("type").asText().equals("Replace")
              && steps.get(1).path("pattern").path("String").asText().equals(" ")
              && isMark(steps.get(1).path("content"));
      return prepends ? 1 : -1;
    }
    boolean metaspace =
        isAbsent(normalizer)
            && pre.path("type").asText().equals("Metaspace")
            && isMark(pre.path("replacement"))
            && pre.has("prepend_scheme");
    return metaspace ? 0 : -1;
  }

  private static boolean isAbsent(JsonNode step) {
    return step.isNull() || step.isMissingNode();
  }

  private static boolean isMark(JsonNode text) {
    return text.asText().equals(String.valueOf(MARK));
  }

  /** Returns whether the model does nothing but merge pairs, the mark among its symbols. */
  private static boolean mergesPairs(JsonNode model) {
    return model.path("type").asText("BPE").equals("BPE")
        && model.path("vocab").has(String.valueOf(MARK))
        && model.path("dropout").asDouble() == 0
        && model.path("continuing_subword_prefix").asText("").isEmpty()
        && model.path("end_of_word_suffix").asText("").isEmpty()
        // It would take a part that is a token as that token, even if no merges lead there.
        && !model.path("ignore_merges").asBoolean();
  }

  @Override
  boolean isCut(char[] text, int at) {
    // A space at the very end would leave a part with nothing in it.
    return text[at] == ' '
        && at + 1 < text.length
        && !notBehind.get(text[at - 1])
        && !notBefore.get(text[at + 1]);
  }

  @Override
  int leftOut() {
    return leftOut;
  }
}
