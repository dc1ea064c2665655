package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changed {@code tokenizer.json} files: every one loads or is refused by one line that begins with
 * its name. Those that make the library abort do so in a process of their own.
 */
final class TokenizerFuzzTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper JSON = new JsonMapper();

  /** The end of a text by its id, which no change of the tokenizer takes away. */
  private static final String CONFIG = "{\"eos_token\":\"</s>\",\"bos_token\":\"<s>\"}";

  /** Parts that the library knows, some of them with contents that make no sense. */
  private static final List<String> PARTS =
      List.of(
          "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}",
          "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"\"}",
          "{\"type\":\"Precompiled\",\"precompiled_charsmap\":null}",
          "{\"type\":\"NFKC\"}",
          "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"x\"}",
          "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(?=a)\"},\"content\":\"\"}",
          "{\"type\":\"Replace\",\"pattern\":{\"String\":\"\"},\"content\":\"x\"}",
          "{\"type\":\"Prepend\",\"prepend\":\"\"}",
          "{\"type\":\"Strip\",\"content\":\" \",\"start\":4294967295,\"stop\":-1}",
          "{\"type\":\"Strip\",\"content\":\"\u2581\",\"start\":1,\"stop\":99}",
          "{\"type\":\"Sequence\",\"normalizers\":[]}",
          "{\"type\":\"Sequence\",\"pretokenizers\":[]}",
          "{\"type\":\"Sequence\",\"decoders\":[]}",
          "{\"type\":\"Split\",\"pattern\":{\"String\":\"\"},\"behavior\":\"Isolated\",\"invert\":true}",
          "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true}",
          "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"first\",\"split\":true}",
          "{\"type\":\"Metaspace\",\"replacement\":\"\",\"prepend_scheme\":\"always\"}",
          "{\"type\":\"Digits\",\"individual_digits\":true}",
          "{\"type\":\"FixedLength\",\"length\":0}",
          "{\"type\":\"CTC\",\"pad_token\":\"\",\"word_delimiter_token\":\"|\",\"cleanup\":true}",
          "{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}",
          "{\"type\":\"BPEDecoder\",\"suffix\":\"\"}",
          "{\"type\":\"Fuse\"}",
          "{\"type\":\"ByteFallback\"}",
          "{\"type\":\"BertProcessing\",\"sep\":[\"x\",4294967295],\"cls\":[\"y\",0]}",
          "{\"type\":\"TemplateProcessing\",\"single\":[],\"pair\":[],\"special_tokens\":{}}",
          "{\"type\":\"TemplateProcessing\",\"single\":\"$0:99\",\"pair\":\"$A $B\",\"special_tokens\":{}}",
          "{\"direction\":\"Right\",\"max_length\":0,\"strategy\":\"OnlyFirst\",\"stride\":5}",
          "{\"strategy\":{\"Fixed\":0},\"direction\":\"Left\",\"pad_to_multiple_of\":0,"
              + "\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"\"}",
          "{\"type\":\"Unigram\",\"unk_id\":9,\"vocab\":[[\"a\",-1.0]],\"byte_fallback\":true}",
          "{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"\",-1.0],[\"a\",1e400]]}",
          "{\"type\":\"WordLevel\",\"vocab\":{},\"unk_token\":\"x\"}",
          "{\"type\":\"WordPiece\",\"vocab\":{\"a\":0},\"unk_token\":\"?\","
              + "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":0}",
          "{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":7},\"merges\":[\"a b\"]}",
          "{\"type\":\"BPE\",\"vocab\":{\"a\":4294967295},\"merges\":[],\"dropout\":2.0}");

  private static final List<String> PLACES =
      List.of(
          "normalizer",
          "pre_tokenizer",
          "post_processor",
          "decoder",
          "model",
          "truncation",
          "padding");

  @TempDir Path folder;

  @BeforeEach
  void ownCache() {
    System.setProperty("dil.cache", folder.resolve("cache").toString());
  }

  @AfterEach
  void restore() {
    System.clearProperty("dil.cache");
  }

  /** Returns what is changed. */
  private static List<ObjectNode> seeds() throws IOException {
    List<ObjectNode> seeds = new ArrayList<>();
    seeds.add(
        (ObjectNode)
            JSON.readTree(
                Objects.requireNonNull(
                    TokenizerFuzzTest.class.getResourceAsStream(
                        "/tiny-tokenizer/tokenizer.json"))));
    for (String model :
        List.of(
            "{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0.0],[\"\u2581a\",-1.5],"
                + "[\"b\",-2.0],[\"c\",-3.0],[\"\u2581\",-4.0]],\"byte_fallback\":false}",
            "{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","
                + "\"max_input_chars_per_word\":9,\"vocab\":{\"[UNK]\":0,\"some\":1,\"te\":2,\"##xt\":3}}",
            "{\"type\":\"WordLevel\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"some\":1,\"text\":2}}")) {
      ObjectNode seed = seeds.get(0).deepCopy();
      seed.set("model", JSON.readTree(model));
      seed.set("pre_tokenizer", JSON.readTree("{\"type\":\"Whitespace\"}"));
      seeds.add(seed);
    }
    return seeds;
  }

  private static ObjectNode mutated(ObjectNode seed, SplittableRandom random) throws IOException {
    ObjectNode root = seed.deepCopy();
    for (int times = random.nextInt(1, 4); times > 0; times--) {
      if (random.nextInt(3) == 0) {
        JsonNode part = JSON.readTree(PARTS.get(random.nextInt(PARTS.size())));
        root.set(PLACES.get(random.nextInt(PLACES.size())), part);
      } else {
        change(root, random);
      }
    }
    return root;
  }

  /** Changes one value somewhere: another value, another type, or nothing. */
  private static void change(JsonNode at, SplittableRandom random) {
    if (at instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      JsonNode child = object.get(name);
      if (child.isContainerNode() && !child.isEmpty() && random.nextInt(4) > 0) {
        change(child, random);
      } else if (random.nextInt(5) == 0) {
        object.remove(name);
      } else {
        object.set(name, value(random));
      }
    } else if (at instanceof ArrayNode array && !array.isEmpty()) {
      int index = random.nextInt(array.size());
      if (array.get(index).isContainerNode() && random.nextInt(4) > 0) {
        change(array.get(index), random);
      } else {
        array.set(index, value(random));
      }
    }
  }

  private static JsonNode value(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.numberNode(-1);
      case 2 -> NODES.numberNode(4_294_967_295L);
      case 3 -> NODES.numberNode(1L << 31);
      case 4 -> NODES.numberNode(1e300);
      case 5 -> NODES.textNode("");
      case 6 -> NODES.textNode("\u0000\ud83d\ude00");
      case 7 -> NODES.booleanNode(random.nextInt(2) == 0);
      case 8 -> NODES.arrayNode();
      default -> NODES.objectNode();
    };
  }

  private void fuzz(int cases) throws Exception {
    List<ObjectNode> seeds = seeds();
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < cases; i++) {
      SplittableRandom random = new SplittableRandom(i);
      Path file = Files.createDirectories(folder.resolve("case-" + i)).resolve("tokenizer.json");
      JSON.writeValue(file.toFile(), mutated(seeds.get(i % seeds.size()), random));
      Files.writeString(file.resolveSibling("tokenizer_config.json"), CONFIG);
      files.add(file);
    }
    TreeSet<Integer> aborts = aborting(files);
    int refused = 0;
    for (int i = 0; i < cases; i++) {
      // Those that pass the trial are passed to it no more: a process each would take an hour.
      System.setProperty("dil.tokenizer.trial", aborts.contains(i) ? "auto" : "off");
      try {
        Path file = files.get(i);
        if (aborts.contains(i)) {
          assertThrows(InputException.class, () -> NativeTokenizer.load(file));
        }
        TokenizerFolder read = TokenizerFolder.read(file.getParent());
        NativeTokenizer tokenizer = NativeTokenizer.load(file);
        read.largestId();
        SpecialTokens.of(read, tokenizer);
        tokenizer.encode("some text");
      } catch (InputException e) {
        refused++;
        assertTrue(e.getMessage().contains(files.get(i).getParent().toString()), e.getMessage());
        assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
      } finally {
        System.clearProperty("dil.tokenizer.trial");
      }
    }
    System.out.printf(
        "%d changed tokenizers: %d would have aborted the process, %d are refused, %d load%n",
        cases, aborts.size(), refused, cases - refused);
  }

  /** Returns the numbers of the files on which the library aborts, found many to a process. */
  private TreeSet<Integer> aborting(List<Path> files) throws Exception {
    TreeSet<Integer> aborts = new TreeSet<>();
    for (int from = 0; from < files.size(); ) {
      int to = Math.min(files.size(), from + 300);
      List<String> command = new ArrayList<>(TokenizerTrial.command());
      files.subList(from, to).forEach(file -> command.add(file.toString()));
      Path log = folder.resolve("trial.log");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      process.getOutputStream().close();
      int status = process.waitFor();
      String said = Files.readString(log);
      assertTrue(said.contains(TrialProcess.READY), said);
      int passed = (int) said.lines().filter(TrialProcess.PASSED::equals).count();
      if (passed < to - from) {
        assertTrue(status != 0, said);
        aborts.add(from + passed);
      }
      from += Math.max(1, passed + (passed < to - from ? 1 : 0));
    }
    return aborts;
  }

  @Test
  void aFew() throws Exception {
    fuzz(150);
  }

  @Test
  @Tag("slow")
  void thousands() throws Exception {
    fuzz(6000);
  }
}
