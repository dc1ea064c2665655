package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.data.Demonstration;
import io.dil.data.Drop;
import io.dil.data.LabelledResponse;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.TinyTokenizer;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ids below are positions in the vocabulary that make_tiny_tokenizer.py writes. */
final class ExampleTokenizerTest {
  private static final int BOS = 1;
  private static final int EOS = 2;
  private static final int SPACE = 6 + 256;
  private static final int A = SPACE + 1;
  private static final int B = A + 1;
  private static final int C = A + 2;
  private static final int MERGES = SPACE + 1 + 52 + 10 + 16;
  private static final int SPACE_A = MERGES;
  private static final int BC = MERGES + 1;
  private static final int SPACE_YES = MERGES + 4;
  private static final int SPACE_NO = MERGES + 6;
  private static final int YES = MERGES + 3;

  private static Tokenized pair(Truncation truncation, String prompt, String one, String other) {
    return TinyTokenizer.load(truncation)
        .tokenize(new PreferencePair("id", new Prompt.Plain(prompt), one, other));
  }

  private static void assertTokens(
      Tokenized actual, Tokens prompt, Tokens chosen, Tokens rejected) {
    TokenizedExample example = (TokenizedExample) actual;
    assertEquals(prompt, example.tokens().prompt());
    assertEquals(chosen, example.tokens().responses().get(0));
    assertEquals(rejected, example.tokens().responses().get(1));
  }

  @Test
  void putsOneBosBeforeThePromptAndOneEosAfterEachResponse() {
    assertTokens(
        pair(Truncation.NONE, "a", " yes", " no"),
        Tokens.of(BOS, SPACE_A),
        Tokens.of(SPACE_YES, EOS),
        Tokens.of(SPACE_NO, EOS));
  }

  @Test
  void doublesNeitherABosNorAnEosThatTheTextSpells() {
    assertTokens(
        pair(Truncation.NONE, "<s>a", " yes</s>", " no"),
        Tokens.of(BOS, SPACE_A),
        Tokens.of(SPACE_YES, EOS),
        Tokens.of(SPACE_NO, EOS));
  }

  @Test
  void keepsThePromptsTokensWhereATokenCrossesTheBoundary() {
    // tok("ab" + "c") has one token for "bc": the prompt stays "a", "b", and the response is "c"
    // with no space put before it. The other response crosses nothing.
    assertTokens(
        pair(Truncation.NONE, "ab", "c", "yes"),
        Tokens.of(BOS, SPACE_A, B),
        Tokens.of(C, EOS),
        Tokens.of(YES, EOS));
    assertTokens(
        pair(Truncation.NONE, "a", "bc", "yes"),
        Tokens.of(BOS, SPACE_A),
        Tokens.of(BC, EOS),
        Tokens.of(YES, EOS));
  }

  @Test
  void dropsThePromptsStartFirstAndKeepsTheBos() {
    assertTokens(
        pair(new Truncation(100, 3), "aabb", " yes", " no"),
        Tokens.of(BOS, B, B),
        Tokens.of(SPACE_YES, EOS),
        Tokens.of(SPACE_NO, EOS));
  }

  @Test
  void dropsTheResponsesEndAndItsEosWithIt() {
    // 2 tokens of prompt leave room for 2: " no" and its EOS fit, " yes yes" and its EOS do not.
    assertTokens(
        pair(new Truncation(4, 100), "a", " yes yes", " no"),
        Tokens.of(BOS, SPACE_A),
        Tokens.of(SPACE_YES, SPACE_YES),
        Tokens.of(SPACE_NO, EOS));
  }

  @Test
  void dropsWhatCannotBeUsedAndSaysWhy() {
    assertEquals(Drop.EMPTY_RESPONSE, pair(Truncation.NONE, "a", " \n", " no"));
    assertEquals(Drop.IDENTICAL_RESPONSES, pair(Truncation.NONE, "a", " no", " no"));
    assertEquals(Drop.IDENTICAL_RESPONSES, pair(Truncation.NONE, "a", " no</s>", " no"));
    assertEquals(
        Drop.IDENTICAL_AFTER_TRUNCATION, pair(new Truncation(3, 100), "a", " no a", " no b"));
    assertEquals(
        Drop.PROMPT_FILLS_MAX_LENGTH, pair(new Truncation(3, 100), "aabb", " no a", " no b"));
  }

  @Test
  void givesOneResponseForALabelAndForADemonstration() {
    ExampleTokenizer tokenizer = TinyTokenizer.load(Truncation.NONE);
    TokenizedExample labelled =
        (TokenizedExample)
            tokenizer.tokenize(new LabelledResponse("1", new Prompt.Plain("a"), " no", false));
    assertEquals(1, labelled.tokens().responses().size());
    assertEquals(false, labelled.desirable());
    TokenizedExample text =
        (TokenizedExample) tokenizer.tokenize(new Demonstration("2", Prompt.NONE, "a yes"));
    assertEquals(Tokens.of(BOS), text.tokens().prompt());
    assertEquals(Tokens.of(SPACE_A, SPACE_YES, EOS), text.tokens().responses().get(0));
  }

  @Test
  void takesAWordlessModelsFirstTokenAsThePromptOfAText(@TempDir Path folder) throws Exception {
    Files.copy(TinyTokenizer.folder().resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\":\"<s>\",\"eos_token\":\"</s>\",\"add_bos_token\":false}");
    ExampleTokenizer tokenizer = ExampleTokenizer.load(folder, Truncation.NONE);
    TokenizedExample text =
        (TokenizedExample) tokenizer.tokenize(new Demonstration("2", Prompt.NONE, "a yes"));
    assertEquals(Tokens.of(SPACE_A), text.tokens().prompt());
    assertEquals(Tokens.of(SPACE_YES, EOS), text.tokens().responses().get(0));
    assertEquals(
        Drop.EMPTY_PROMPT, tokenizer.tokenize(new PreferencePair("3", Prompt.NONE, " yes", " no")));
  }

  @Test
  void refusesAModelThatIsTooSmall() {
    ExampleTokenizer tokenizer = TinyTokenizer.load(Truncation.NONE);
    tokenizer.checkFits(SPACE_NO + 1);
    InputException error = assertThrows(InputException.class, () -> tokenizer.checkFits(SPACE_NO));
    assertEquals(
        "tokenizer must fit the model's vocabulary of %d tokens, got a tokenizer whose largest id is %d"
            .formatted(SPACE_NO, SPACE_NO),
        error.getMessage());
  }

  @Test
  void saysWhatIsWrongWithATokenizerFolder(@TempDir Path folder) throws Exception {
    assertThrows(InputException.class, () -> ExampleTokenizer.load(folder, Truncation.NONE));
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\":");
    InputException cut =
        assertThrows(InputException.class, () -> ExampleTokenizer.load(folder, Truncation.NONE));
    assertTrue(cut.getMessage().contains("tokenizer.json: not valid JSON"), cut::getMessage);
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\":{}}");
    InputException other =
        assertThrows(InputException.class, () -> ExampleTokenizer.load(folder, Truncation.NONE));
    assertTrue(other.getMessage().contains("not a tokenizer"), other::getMessage);
  }

  @Test
  void spellsBackWhatItRead() {
    ExampleTokenizer tokenizer = TinyTokenizer.load(Truncation.NONE);
    Tokens tokens = tokenizer.encodePrompt("a yes, ü€𝄞\u0000 no");
    assertEquals("a yes, ü€𝄞\u0000 no", tokenizer.decode(tokens));
    assertNotEquals(0, tokens.size());
  }
}
