package io.dil.core;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Finds the real models and data that are not part of the repository; tests skip where they are
 * missing.
 */
public final class Assets {
  private Assets() {}

  /** Returns a file or folder of the assets, or skips the test. */
  public static Path require(String name) {
    String root = System.getenv().getOrDefault("DIL_ASSETS", "../../shared/assets");
    Path path = Path.of(root, name).toAbsolutePath().normalize();
    assumeTrue(Files.exists(path), () -> "skipped: no " + path + " (set DIL_ASSETS)");
    return path;
  }

  /** Reads JSON from the class path, gzip or plain. */
  public static JsonNode json(Class<?> owner, String resource) throws IOException {
    try (InputStream raw = owner.getResourceAsStream(resource);
        InputStream in = resource.endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      return new ObjectMapper().readTree(in);
    }
  }

  /** Returns a JSON array of ids as tokens. */
  public static Tokens tokens(JsonNode ids) {
    int[] array = new int[ids.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = ids.get(i).asInt();
    }
    return Tokens.of(array);
  }
}
