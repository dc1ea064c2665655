package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.Assets;
import io.dil.data.Drop;
import io.dil.data.Example;
import io.dil.data.Parsed;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.source.DataSpec;
import io.dil.data.stream.DataConfig;
import io.dil.data.stream.ExampleReader;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ids that TRL gives to real rows: src/test/python/tokenize_pairs.py. */
final class TokenParityTest {
  private static final Map<String, String> DATA =
      Map.of(
          "hh", "hh:prefs/hh_harmless_sample.jsonl.gz",
          "ultrafeedback", "ultrafeedback:prefs/ultrafeedback_flat_train.jsonl");

  /** One run of the script, shown by its name. */
  private record Run(JsonNode node) {
    @Override
    public String toString() {
      return node.get("tokenizer").asText() + " " + node.get("template").asText();
    }
  }

  static Stream<Run> runs() throws Exception {
    try (InputStream in =
        Objects.requireNonNull(TokenParityTest.class.getResourceAsStream("/parity/tokens.json"))) {
      List<Run> runs = new ArrayList<>();
      new JsonMapper().readTree(in).get("runs").forEach(node -> runs.add(new Run(node)));
      return runs.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyRowHasTheSameIds(Run run) throws Exception {
    Path model = Assets.at(run.node().get("tokenizer").asText());
    ExampleTokenizer tokenizer =
        ExampleTokenizer.load(model, Truncation.NONE, template(run.node().get("template")));
    DataConfig config = DataConfig.of(DataSpec.parse(data(run.node().get("data").asText())));
    List<String> expected = new ArrayList<>();
    run.node().get("rows").forEach(row -> expected.add(row.asText()));
    List<String> actual = new ArrayList<>();
    try (ExampleReader rows = ExampleReader.open(config)) {
      while (actual.size() < expected.size()) {
        actual.add(digest(rows.next(), tokenizer));
      }
    }
    assertEquals(expected, actual);
    assertTrue(actual.size() >= 100);
  }

  private static String data(String name) throws Exception {
    if (name.equals("tools")) {
      URL rows = Objects.requireNonNull(TokenParityTest.class.getResource("/parity/tools.jsonl"));
      return "conversational:" + Path.of(rows.toURI());
    }
    String[] spec = DATA.get(name).split(":");
    return spec[0] + ":" + Assets.at(spec[1]);
  }

  private static Optional<String> template(JsonNode name) throws Exception {
    if (name.isNull() || name.asText().equals("own")) {
      return Optional.empty();
    }
    Path file = Assets.at("tokenizers/templates/" + name.asText());
    if (!name.asText().endsWith(".yaml")) {
      return Optional.of(Files.readString(file));
    }
    String key = "chat_template: ";
    String line =
        Files.readAllLines(file).stream().filter(l -> l.startsWith(key)).findFirst().orElseThrow();
    // A double-quoted YAML scalar on one line is a JSON string.
    return Optional.of(new JsonMapper().readTree(line.substring(key.length())).asText());
  }

  private static String digest(Parsed row, ExampleTokenizer tokenizer) throws Exception {
    Tokenized tokens = row instanceof Example example ? tokenizer.tokenize(example) : (Drop) row;
    if (!(tokens instanceof TokenizedExample example)) {
      return "dropped";
    }
    TokenGroup group = example.tokens();
    String text =
        Stream.concat(Stream.of(group.prompt()), group.responses().stream())
            .map(TokenParityTest::ids)
            .collect(Collectors.joining("|"));
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash).substring(0, 12);
  }

  private static String ids(Tokens tokens) {
    return tokens.stream().mapToObj(Integer::toString).collect(Collectors.joining(","));
  }
}
