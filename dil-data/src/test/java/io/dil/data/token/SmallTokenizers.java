package io.dil.data.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Tokenizers with small vocabularies and random merges, of every kind that {@link Cuts} knows.
 *
 * <p>The merges join whatever characters chance brings together, also such as no trained tokenizer
 * would, so that a wrong cut does not go unnoticed.
 */
final class SmallTokenizers {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String LLAMA3 = CONTRACTIONS + "\\p{L}+|\\p{N}{1,3}" + REST;
  static final String QWEN2 = CONTRACTIONS + "\\p{L}+|\\p{N}" + REST;

  private static final int MERGES = 400;

  /** Of white space (line break, tab, no-break space, as bytes) and of words, with a space. */
  private static final List<String> FIRST =
      List.of("Ċ Ġ", "ĉ Ġ", "ł Ġ", "Ġ Ġ", "a Ġ", ". Ġ", "t '", "s .", "1 .", ". Ċ", "> Ġ");

  private static final List<String> MARKED_FIRST = List.of("e ▁", ", ▁", "世 ▁", "▁ ▁", "▁ a");

  /** Only these have a token with a mark behind them. */
  private static final List<String> BEFORE_MARK = List.of("e", ",", "世", "▁");

  private SmallTokenizers() {}

  /** Returns one of each kind by its name. */
  static Map<String, ObjectNode> all() {
    Map<String, ObjectNode> all = new TreeMap<>();
    all.put("gpt2", byteLevel("null", expression()));
    all.put("neox", withTokens(byteLevel("{'type':'NFC'}", expression()), true, "  ", "   "));
    String digits = "{'type':'Digits','individual_digits':true}";
    all.put("smollm", byteLevel("null", sequence(digits, expression())));
    all.put("llama3", byteLevel("null", sequence(split(LLAMA3), bytes())));
    all.put("qwen2", byteLevel("{'type':'NFC'}", sequence(split(QWEN2), bytes())));
    all.put("llama2", marked(1, prepend(), "null"));
    all.put("llama2-normalized", withTokens(marked(2, prepend(), "null"), true, "<u>"));
    for (String scheme : List.of("first", "always", "never")) {
      for (boolean split : new boolean[] {false, true}) {
        String metaspace =
            "{'type':'Metaspace','replacement':'▁','prepend_scheme':'%s','split':%s}";
        all.put(
            "metaspace-" + scheme + "-" + split,
            marked(3, "null", metaspace.formatted(scheme, split)));
      }
    }
    return all;
  }

  static String expression() {
    return "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':true}";
  }

  private static String bytes() {
    return "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}";
  }

  static String split(String expression) {
    return "{'type':'Split','pattern':{'Regex':%s},'behavior':'Isolated','invert':false}"
        .formatted(JSON.getNodeFactory().textNode(expression).toString());
  }

  private static String sequence(String... steps) {
    return "{'type':'Sequence','pretokenizers':[" + String.join(",", steps) + "]}";
  }

  private static String prepend() {
    return "{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},"
        + "{'type':'Replace','pattern':{'String':' '},'content':'▁'}]}";
  }

  /** Makes a byte-level tokenizer; its merges know nothing of words. */
  static ObjectNode byteLevel(String normalizer, String preTokenizer) {
    List<String> alphabet = new ArrayList<>();
    List<String> common = new ArrayList<>();
    int beyond = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      String symbol = String.valueOf((char) (printable ? b : beyond++));
      alphabet.add(symbol);
      if (b == ' ' || b == '\n' || (b >= '!' && b <= '~')) {
        common.add(symbol);
      }
    }
    ObjectNode tokenizer = tokenizer(normalizer, preTokenizer);
    model(tokenizer, alphabet, merges(common, 7, FIRST, List.of()));
    return withTokens(tokenizer, false, "<s>", "<|e_nd|>");
  }

  /** Makes a tokenizer of Llama 2's kind, in which few characters have a token with the mark. */
  static ObjectNode marked(long seed, String normalizer, String preTokenizer) {
    List<String> alphabet = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      alphabet.add("<0x%02X>".formatted(b));
    }
    List<String> common = new ArrayList<>(List.of("▁", "▁", "▁", "▁", "é", "世", "\n"));
    for (char c = '!'; c <= '~'; c++) {
      common.add(String.valueOf(c));
    }
    alphabet.addAll(common.subList(3, common.size()));
    ObjectNode tokenizer = tokenizer(normalizer, preTokenizer);
    model(tokenizer, alphabet, merges(common, seed, MARKED_FIRST, BEFORE_MARK));
    ((ObjectNode) tokenizer.get("model")).put("byte_fallback", true).put("fuse_unk", true);
    return withTokens(tokenizer, false, "<s>", "</s>", "[E]");
  }

  private static List<String[]> merges(
      List<String> common, long seed, List<String> first, List<String> beforeMark) {
    Random random = new Random(seed);
    List<String> symbols = new ArrayList<>(common);
    List<String[]> merges = new ArrayList<>();
    for (String merge : first) {
      merges.add(merge.split(" "));
      symbols.add(merge.replace(" ", ""));
    }
    while (merges.size() < MERGES) {
      String left = symbols.get(random.nextInt(symbols.size()));
      String right = symbols.get(random.nextInt(symbols.size()));
      String last = left.substring(left.length() - 1);
      if (!right.startsWith("▁") || beforeMark.contains(last)) {
        merges.add(new String[] {left, right});
        symbols.add(left + right);
      }
    }
    return merges;
  }

  private static ObjectNode tokenizer(String normalizer, String preTokenizer) {
    ObjectNode tokenizer = JSON.createObjectNode().put("version", "1.0");
    tokenizer.putNull("truncation").putNull("padding").putArray("added_tokens");
    tokenizer.set("normalizer", json(normalizer));
    tokenizer.set("pre_tokenizer", json(preTokenizer));
    return tokenizer.putNull("post_processor").putNull("decoder");
  }

  private static void model(ObjectNode tokenizer, List<String> alphabet, List<String[]> merges) {
    ObjectNode model = tokenizer.putObject("model").put("type", "BPE").putNull("dropout");
    ObjectNode vocabulary = model.putObject("vocab");
    alphabet.forEach(symbol -> add(vocabulary, symbol));
    ArrayNode pairs = model.putArray("merges");
    for (String[] merge : merges) {
      add(vocabulary, merge[0] + merge[1]);
      pairs.add(merge[0] + " " + merge[1]);
    }
  }

  private static void add(ObjectNode vocabulary, String token) {
    if (!vocabulary.has(token)) {
      vocabulary.put(token, vocabulary.size());
    }
  }

  /** Adds tokens to a tokenizer; returns it. */
  static ObjectNode withTokens(ObjectNode tokenizer, boolean normalized, String... contents) {
    ArrayNode added = (ArrayNode) tokenizer.get("added_tokens");
    for (String content : contents) {
      int id = tokenizer.path("model").path("vocab").size() + added.size();
      ObjectNode token = added.addObject().put("id", id).put("content", content);
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", normalized).put("special", !normalized);
    }
    return tokenizer;
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
