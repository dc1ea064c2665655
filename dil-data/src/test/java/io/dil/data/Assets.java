package io.dil.data;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Real models and data sets beside the project; tests that need one are skipped where it is
 * missing.
 */
public final class Assets {
  private Assets() {}

  /** Returns a file or folder of the assets, or skips the test and says what is missing. */
  public static Path at(String relative) {
    String root = System.getenv("DIL_ASSETS");
    Path base = root == null ? Path.of("../../shared/assets") : Path.of(root);
    Path path = base.resolve(relative);
    Assumptions.assumeTrue(
        Files.exists(path), () -> "skipped: needs " + relative + " under DIL_ASSETS or ../shared");
    return path;
  }
}
