package io.dil.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  @TempDir Path folder;

  private List<String> places(Path file) {
    List<String> places = new ArrayList<>();
    JsonLines.open(file, (place, line) -> places.add(place + "=" + line)).close();
    return places;
  }

  @Test
  void whatIsHalfWrittenIsCutOffAndTheFileGoesOn() throws IOException {
    Path file = folder.resolve("new/lines.jsonl");
    try (JsonLines lines = JsonLines.open(file, (place, line) -> {})) {
      lines.append(JsonNodeFactory.instance.objectNode().put("a", "é"));
      lines.force();
    }
    Files.writeString(file, Files.readString(file) + "\n{\"b\": ");
    assertEquals(List.of(file + ":1={\"a\":\"é\"}"), places(file));
    try (JsonLines lines = JsonLines.open(file, (place, line) -> {})) {
      lines.append(JsonNodeFactory.instance.numberNode(2));
    }
    assertEquals("{\"a\":\"é\"}\n\n2\n", Files.readString(file));
  }

  @Test
  void oneCommandAtATimeWrites() {
    Path file = folder.resolve("lines.jsonl");
    JsonLines lines = JsonLines.open(file, (place, line) -> {});
    InputException error =
        assertThrows(InputException.class, () -> JsonLines.open(file, (place, line) -> {}));
    assertTrue(error.getMessage().contains("another command is writing"), error::getMessage);
    lines.close();
    JsonLines.open(file, (place, line) -> {}).close();
  }

  @Test
  void aRefusedFileIsFreeAgain() throws IOException {
    Path file = folder.resolve("lines.jsonl");
    Files.writeString(file, "1\nno JSON\n");
    InputException error =
        assertThrows(InputException.class, () -> JsonLines.open(file, (place, line) -> {}));
    assertTrue(error.getMessage().startsWith(file + ":2: not a line of JSON"), error::getMessage);
    Files.writeString(file, "1\n");
    assertEquals(List.of(file + ":1=1"), places(file));
  }
}
