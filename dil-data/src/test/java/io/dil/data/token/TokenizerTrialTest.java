package io.dil.data.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@code tokenizer.json} that makes the library abort ends in an error, not the process. */
final class TokenizerTrialTest {
  @TempDir Path folder;
  private final String home = System.getProperty("java.home");

  @BeforeEach
  void ownCache() {
    System.setProperty("dil.cache", folder.resolve("cache").toString());
  }

  @AfterEach
  void restore() {
    System.setProperty("java.home", home);
    System.clearProperty("dil.cache");
    System.clearProperty("dil.tokenizer.trial");
  }

  private Path tokenizer(String charsmap) throws IOException {
    JsonMapper json = new JsonMapper();
    ObjectNode root =
        (ObjectNode)
            json.readTree(
                Objects.requireNonNull(
                    TokenizerTrialTest.class.getResourceAsStream(
                        "/tiny-tokenizer/tokenizer.json")));
    if (!charsmap.isEmpty()) {
      root.putObject("normalizer").put("type", "Precompiled").put("precompiled_charsmap", charsmap);
    }
    Path file = folder.resolve("tokenizer.json");
    // Not the same bytes as any other's, which this process would remember.
    String spaces = " ".repeat(1 + (int) (System.nanoTime() % 10_000));
    Files.writeString(file, json.writeValueAsString(root) + spaces);
    return file;
  }

  private String refusal(Path file) {
    InputException error = assertThrows(InputException.class, () -> NativeTokenizer.load(file));
    assertEquals(1, error.getMessage().lines().count(), error::getMessage);
    assertTrue(error.getMessage().startsWith(file + ": "), error::getMessage);
    return error.getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"AAAA", "AAAAAAAA", "/////w==", "not base64!"})
  void aPanicOfTheLibraryIsAnError(String charsmap) throws IOException {
    Path file = tokenizer(charsmap);
    String first = refusal(file);
    assertTrue(
        first.contains("panicked") || first.contains("cannot") || first.contains("not a"), first);
    // The verdict is kept: it needs no other process.
    System.setProperty("java.home", folder.resolve("nowhere").toString());
    assertEquals(first, refusal(file));
  }

  @Test
  void aGoodTokenizerPassesOnceAndIsRemembered() throws IOException {
    Path file = tokenizer("");
    NativeTokenizer tokenizer = NativeTokenizer.load(file);
    assertTrue(tokenizer.encode("some text").size() > 0);
    try (Stream<Path> verdicts = Files.list(folder.resolve("cache/tokenizers"))) {
      List<Path> all = verdicts.toList();
      assertEquals(1, all.size());
      assertEquals("trial: passed", Files.readString(all.get(0)).strip());
    }
    System.setProperty("java.home", folder.resolve("nowhere").toString());
    System.setProperty("dil.tokenizer.trial", "required");
    NativeTokenizer.load(file);
  }

  @Test
  void whereNoProcessCanBeStartedTheKnownPartIsChecked() throws IOException {
    System.setProperty("java.home", folder.resolve("nowhere").toString());
    assertTrue(refusal(tokenizer("AAAA")).contains("precompiled_charsmap must be a trie"));
    NativeTokenizer.load(tokenizer(""));
    System.setProperty("dil.tokenizer.trial", "required");
    assertTrue(refusal(tokenizer("")).contains("none can be started"));
  }
}
