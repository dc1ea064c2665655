package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.Tokens;
import io.dil.data.Assets;
import io.dil.data.Example;
import io.dil.data.TinyTokenizer;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.ExampleReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ids of a text that is cut are those that the library gives to the whole. */
final class TextTokenizerTest {
  private static final String[] SNIPPETS = {
    "a",
    "e",
    "s",
    "t",
    "Z",
    "the",
    "Hello",
    "don't",
    "'s",
    "'S",
    "'LL",
    "'",
    "I'd",
    "'ſ",
    " ",
    " ",
    " ",
    " ",
    "  ",
    "   ",
    "\t",
    " \t ",
    "\n",
    "\n\n",
    "\r\n",
    " \n",
    "\n ",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u0085",
    "\u200b",
    "\u000b",
    "\u001c",
    ".",
    ",",
    "!?",
    "--",
    "...",
    "_",
    "|",
    ".\n\n",
    "(",
    ")",
    "[E]",
    "[",
    "E]",
    "1",
    "12",
    "1234567",
    "3.14",
    "½",
    "²",
    "٣",
    "é",
    "e\u0301",
    "\u0301",
    "\u0338",
    "<\u0338",
    "世界",
    "你好，",
    "한글",
    "각",
    "👍",
    "👩\u200d👩",
    "\ufe0f",
    "𝄞",
    "▁",
    "▁a",
    "<s>",
    "</s>",
    "<s",
    "s>",
    "<u>",
    "<|e_nd|>",
    "<|e",
    "_nd|>",
    "|>",
    "\u0000",
    "\ufffd",
    "ﬁ",
    "K",
    "\u037e",
    "Human:",
    "Assistant:",
    "ß",
    "İ",
    "a b c d e",
    "e e e",
    ", , ,",
  };

  private static final int TEXTS = 3000;

  static Set<String> kinds() {
    return SmallTokenizers.all().keySet();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void givesTheSameIdsAsTheWholeText(String kind, @TempDir Path folder) throws Exception {
    ObjectNode json = SmallTokenizers.all().get(kind);
    NativeTokenizer library = load(folder, json);
    TextTokenizer tokenizer = TextTokenizer.of(library, json);
    Cuts cuts = Cuts.of(json).orElseThrow();
    long parts = 0;
    for (String text : texts(5)) {
      assertEquals(library.encode(text), tokenizer.encode(text), () -> "of '" + text + "'");
      parts += parts(cuts, text.toCharArray());
    }
    // Otherwise nothing was tested.
    assertTrue(parts > 2 * TEXTS, "texts must be cut, got " + parts + " parts");
  }

  @Test
  void givesTheSameIdsToSeveralThreads(@TempDir Path folder) throws Exception {
    ObjectNode json = SmallTokenizers.all().get("llama3");
    NativeTokenizer library = load(folder, json);
    TextTokenizer tokenizer = TextTokenizer.of(library, json);
    List<String> texts = texts(6);
    List<Tokens> expected = texts.stream().map(library::encode).toList();
    List<List<Tokens>> actual =
        Stream.of(0, 1, 2, 3)
            .parallel()
            .map(thread -> texts.stream().map(tokenizer::encode).toList())
            .toList();
    actual.forEach(ids -> assertEquals(expected, ids));
  }

  @Test
  void givesTheTinyTokenizersIds() throws Exception {
    Path file = TinyTokenizer.folder().resolve("tokenizer.json");
    NativeTokenizer library = NativeTokenizer.load(file);
    TextTokenizer tokenizer =
        TextTokenizer.of(library, TokenizerFolder.read(TinyTokenizer.folder()).tokenizer());
    for (String text : texts(8)) {
      assertEquals(library.encode(text), tokenizer.encode(text), () -> "of '" + text + "'");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizers/llama3-hf",
        "tokenizers/llama2-hf",
        "tokenizers/gpt-neox-20b",
        "models/stories260K-hf",
        "models/TinyStories-656K-f32"
      })
  void givesTheSameIdsToEveryRealRow(String model) {
    Path folder = Assets.at(model);
    NativeTokenizer library = NativeTokenizer.load(folder.resolve("tokenizer.json"));
    TextTokenizer tokenizer = TextTokenizer.of(library, TokenizerFolder.read(folder).tokenizer());
    int rows = 0;
    for (String spec :
        List.of(
            "hh:prefs/hh_harmless_sample.jsonl.gz",
            "tldr:prefs/tldr_comparisons_sample.jsonl",
            "ultrafeedback:prefs/ultrafeedback_flat_train.jsonl",
            "ultrafeedback:prefs/ultrafeedback_flat_eval.jsonl",
            "sharegpt:prefs/dpo_en_demo.json",
            "kto:prefs/kto_en_demo.json")) {
      String[] named = spec.split(":");
      DataConfig config = DataConfig.of(DataSpec.parse(named[0] + ":" + Assets.at(named[1])));
      try (ExampleReader reader = ExampleReader.open(config)) {
        while (reader.hasNext()) {
          if (reader.next() instanceof Example example) {
            for (String response : example.responses()) {
              String text = example.prompt().asText() + response;
              assertEquals(library.encode(text), tokenizer.encode(text), example.id());
            }
            rows++;
          }
        }
      }
    }
    assertTrue(rows > 2000, "rows must be read, got " + rows);
  }

  private static NativeTokenizer load(Path folder, ObjectNode json) throws Exception {
    return NativeTokenizer.load(
        Files.writeString(folder.resolve("tokenizer.json"), json.toString()));
  }

  private static List<String> texts(long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(List.of("", " ", "  ", "a", " a", "a ", "<s>", " <s> a "));
    while (texts.size() < TEXTS) {
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(30); n > 0; n--) {
        text.append(SNIPPETS[random.nextInt(SNIPPETS.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static int parts(Cuts cuts, char[] text) {
    int parts = 0;
    for (int from = 0; from < text.length; from = cuts.next(text, from)) {
      parts++;
    }
    return parts;
  }
}
