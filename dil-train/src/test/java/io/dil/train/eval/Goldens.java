package io.dil.train.eval;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Reference numbers of the lm-evaluation-harness, beside the assets; tests skip without them. */
final class Goldens {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Goldens() {}

  static Path assets() {
    String given = Optional.ofNullable(System.getenv("DIL_ASSETS")).orElse("");
    assumeTrue(!given.isEmpty(), "DIL_ASSETS names the folder of models and data");
    return Path.of(given);
  }

  static Path folder() {
    Path folder = assets().resolveSibling("goldens").resolve("evals");
    assumeTrue(Files.isDirectory(folder), folder + " holds the harness's numbers");
    return folder;
  }

  /** Returns the data of the benchmarks. */
  static String data() {
    return assets().resolve("evals").toString();
  }

  static JsonNode read(String file) {
    try {
      return JSON.readTree(folder().resolve(file).toFile());
    } catch (IOException e) {
      throw new IllegalStateException(file, e);
    }
  }

  /** Returns a golden's task: there ARC has its harness's name. */
  static Task task(String golden) {
    return Tasks.of(List.of(golden.equals("arc_challenge") ? "arc" : golden)).get(0);
  }

  static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
