package io.dil.train.eval;

import io.dil.core.Tokens;
import io.dil.data.token.ContinuationTokenizer;
import io.dil.train.sample.Stops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Texts that end what a model writes, found as the harness finds them: in the decoding, special
 * tokens included, of as many of the last tokens as the text has by itself, and two.
 */
final class StopTexts {
  private static final int MARGIN = 2;

  private final ContinuationTokenizer tokenizer;
  private final List<String> texts = new ArrayList<>();
  private final List<Integer> windows = new ArrayList<>();

  StopTexts(ContinuationTokenizer tokenizer, List<String> until) {
    this.tokenizer = tokenizer;
    texts.addAll(until);
    // Without a BOS, which the harness's tokenizer does not count here either.
    ContinuationTokenizer bare = tokenizer.with(ContinuationTokenizer.Bos.FALSE);
    until.forEach(text -> windows.add(bare.encode(text).size() + MARGIN));
    if (!tokenizer.eosText().isEmpty() && !texts.contains(tokenizer.eosText())) {
      texts.add(tokenizer.eosText());
      windows.add(1);
    }
  }

  /** Returns whether the tokens made so far have reached one of the texts. */
  boolean reached(int[] made, int count) {
    int largest = 0;
    String tail = "";
    for (int i = 0; i < texts.size(); i++) {
      int window = Math.min(count, windows.get(i));
      if (window != largest) {
        int[] last = Arrays.copyOfRange(made, count - window, count);
        tail = tokenizer.decodeWhole(Tokens.of(last));
        largest = window;
      }
      if (tail.contains(texts.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Returns what stands before the first of the texts. */
  String before(String text) {
    return Stops.before(text, texts);
  }
}
