package io.dil.train;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Finds the real models and data that are not part of the repository; tests skip where they are
 * missing.
 */
final class Assets {
  private Assets() {}

  static Path require(String name) {
    String root = System.getenv().getOrDefault("DIL_ASSETS", "../../shared/assets");
    Path path = Path.of(root, name).toAbsolutePath().normalize();
    assumeTrue(Files.exists(path), () -> "skipped: no " + path + " (set DIL_ASSETS)");
    return path;
  }

  static JsonNode json(String resource) throws IOException {
    try (InputStream raw = Assets.class.getResourceAsStream(resource);
        InputStream in = new GZIPInputStream(raw)) {
      return new ObjectMapper().readTree(in);
    }
  }

  static Tokens tokens(JsonNode ids) {
    int[] array = new int[ids.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = ids.get(i).asInt();
    }
    return Tokens.of(array);
  }
}
