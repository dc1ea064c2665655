package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before anything is sent. The requests have a test in dil-data. */
class PushCommandTest {
  @TempDir private Path folder;

  private static String said(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(Dil.BAD_INPUT, Dil.run(words));
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aFolderWithoutAModelIsRefused() {
    assertTrue(
        said("push", folder.toString(), "org/name").contains("must be a folder with a model"),
        "message");
  }

  @Test
  void aNameThatIsNoneIsRefused() throws Exception {
    Files.writeString(folder.resolve("config.json"), "{}");
    assertTrue(said("push", folder.toString(), "name").contains("must be ORG/NAME, got name"));
  }
}
