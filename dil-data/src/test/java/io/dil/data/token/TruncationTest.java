package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.Drop;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.TinyTokenizer;
import io.dil.data.TokenizedExample;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the edges of cutting lie: the last length that fits, the first that does not. */
final class TruncationTest {
  private static final int BOS = 1;

  private static TokenizedExample pair(Tokens prompt, Tokens chosen, Tokens rejected) {
    return new TokenizedExample(
        "id", new TokenGroup(prompt, List.of(chosen, rejected)), false, 1.25);
  }

  private static Object cut(int maxLength, int maxPromptLength, TokenizedExample example) {
    return TinyTokenizer.load(new Truncation(maxLength, maxPromptLength)).cut(example);
  }

  @Test
  void whatFitsExactlyIsKeptWhole() {
    TokenizedExample whole =
        pair(Tokens.of(BOS, 11, 12), Tokens.of(21, 22), Tokens.of(31, 32, 33, 34));
    assertEquals(whole, cut(7, 3, whole));
  }

  @Test
  void oneTokenLessTakesThePromptsStartThenTheResponsesEnd() {
    TokenizedExample whole =
        pair(Tokens.of(BOS, 11, 12, 13), Tokens.of(21, 22), Tokens.of(31, 32, 33, 34));
    assertEquals(
        pair(Tokens.of(BOS, 12, 13), Tokens.of(21, 22), Tokens.of(31, 32, 33)), cut(6, 3, whole));
    // Without a BOS in front nothing is kept of the start.
    TokenizedExample plain = pair(Tokens.of(10, 11, 12, 13), Tokens.of(21), Tokens.of(31));
    assertEquals(pair(Tokens.of(11, 12, 13), Tokens.of(21), Tokens.of(31)), cut(9, 3, plain));
  }

  @Test
  void aPromptThatLeavesNoTokenForAResponseIsDropped() {
    TokenizedExample whole = pair(Tokens.of(BOS, 11, 12), Tokens.of(21, 22), Tokens.of(31, 32));
    assertEquals(Drop.PROMPT_FILLS_MAX_LENGTH, cut(3, 9, whole));
    assertEquals(pair(Tokens.of(BOS, 11, 12), Tokens.of(21), Tokens.of(31)), cut(4, 9, whole));
  }

  @Test
  void aResponseThatKeepsNoLearntTokenIsDropped() {
    // The first two tokens of the response are a template's, which nothing is learnt from.
    BitSet skipped = new BitSet();
    skipped.set(0, 2);
    TokenizedExample whole =
        new TokenizedExample(
            "id",
            new TokenGroup(Tokens.of(BOS), List.of(Tokens.of(21, 22, 23, 24)), List.of(skipped)),
            true);
    assertEquals(Drop.PROMPT_FILLS_MAX_LENGTH, cut(3, 9, whole));
    assertEquals(
        new TokenGroup(Tokens.of(BOS), List.of(Tokens.of(21, 22, 23)), List.of(skipped)),
        ((TokenizedExample) cut(4, 9, whole)).tokens());
  }

  /** The joint tokens are more than the prompt's, but they do not begin with them. */
  @Test
  void aTokenAcrossTheBoundaryIsFoundHoweverLongTheResponseIs() {
    ExampleTokenizer tokenizer = TinyTokenizer.load(Truncation.NONE);
    TokenizedExample longer =
        (TokenizedExample)
            tokenizer.tokenize(new PreferencePair("id", new Prompt.Plain("ab"), "c yes", "no"));
    TokenizedExample alone =
        (TokenizedExample)
            tokenizer.tokenize(new PreferencePair("id", new Prompt.Plain("ab"), "c", "no"));
    TokenizedExample rest =
        (TokenizedExample)
            tokenizer.tokenize(new PreferencePair("id", new Prompt.Plain("a"), " yes", "no"));
    Tokens c = alone.tokens().responses().get(0);
    Tokens yes = rest.tokens().responses().get(0);
    assertEquals(alone.tokens().prompt(), longer.tokens().prompt());
    assertEquals(
        c.slice(0, c.size() - 1).then(yes), longer.tokens().responses().get(0), "c, then yes");
  }
}
