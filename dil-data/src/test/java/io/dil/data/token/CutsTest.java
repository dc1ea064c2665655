package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CutsTest {
  private static List<String> parts(String kind, String text) {
    Cuts cuts = Cuts.of(SmallTokenizers.all().get(kind)).orElseThrow();
    char[] chars = text.toCharArray();
    List<String> parts = new ArrayList<>();
    int end;
    for (int from = 0; from < chars.length; from = end) {
      end = cuts.next(chars, from);
      parts.add(new String(chars, from, end - from));
    }
    return parts;
  }

  @Test
  void cutsBytesBeforeSpacesAndPunctuation() {
    assertEquals(
        List.of("Hi", ",", " I", "'m", " 3", ".5", "  years", ".\n\nOld", " é", "  "),
        parts("llama3", "Hi, I'm 3.5  years.\n\nOld é  "));
  }

  @Test
  void cutsMarkedTextBeforeSpacesOnlyAndNotWhereATokenCrosses() {
    assertEquals(List.of("Hi, I'm", "  here.", " e I"), parts("llama2", "Hi, I'm  here. e I"));
  }

  @Test
  void cutsNoAddedTokenAndNothingBesideOneWhereTextBeginsAnewBehindIt() {
    assertEquals(List.of("a", " <|e_nd|>", " b"), parts("llama3", "a <|e_nd|> b"));
    assertEquals(List.of("x", " a <s> b", " c"), parts("llama2", "x a <s> b c"));
  }

  @ParameterizedTest
  @CsvSource({
    "llama3, lstrip", "llama3, rstrip", "llama3, single_word",
    "llama2, lstrip", "llama2, rstrip", "llama2, single_word",
  })
  void doesNotCutWhereAnAddedTokenReachesOut(String kind, String option) {
    ObjectNode tokenizer = SmallTokenizers.all().get(kind);
    ((ObjectNode) tokenizer.get("added_tokens").get(0)).put(option, true);
    assertEquals(Optional.empty(), Cuts.of(tokenizer));
  }

  @Test
  void doesNotCutWhatIsNotKnown() {
    ObjectNode otherSplit = SmallTokenizers.all().get("llama3");
    ObjectNode split = (ObjectNode) otherSplit.at("/pre_tokenizer/pretokenizers/0");
    split.putObject("pattern").put("Regex", SmallTokenizers.LLAMA3 + "|x y");
    ObjectNode otherNormalizer = SmallTokenizers.all().get("qwen2");
    otherNormalizer.putObject("normalizer").put("type", "NFKC");
    ObjectNode prefixed = SmallTokenizers.all().get("gpt2");
    ((ObjectNode) prefixed.get("pre_tokenizer")).put("add_prefix_space", true);
    ObjectNode whole = SmallTokenizers.all().get("llama2");
    ((ObjectNode) whole.get("model")).put("ignore_merges", true);
    ObjectNode random = SmallTokenizers.all().get("llama2");
    ((ObjectNode) random.get("model")).put("dropout", 0.1);
    ObjectNode spaced =
        SmallTokenizers.withTokens(SmallTokenizers.all().get("llama2"), false, "a b");
    for (ObjectNode tokenizer :
        List.of(otherSplit, otherNormalizer, prefixed, whole, random, spaced)) {
      assertTrue(Cuts.of(tokenizer).isEmpty(), tokenizer::toString);
    }
  }
}
