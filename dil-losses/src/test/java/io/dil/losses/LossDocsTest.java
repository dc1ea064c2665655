package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * docs/losses.md has a row for every loss, in the order of the list, and its defaults are those of
 * the code.
 */
class LossDocsTest {
  private static final Path DOCS = Path.of("..", "docs");

  @Test
  void everyLossHasItsRow() throws IOException {
    List<String> rows =
        Files.readAllLines(DOCS.resolve("losses.md")).stream()
            .filter(line -> line.startsWith("| [`"))
            .toList();
    assertEquals(Losses.names(), rows.stream().map(row -> row.split("`")[1]).toList());
    for (int i = 0; i < rows.size(); i++) {
      LossSpec spec = Losses.describe().get(i);
      String[] cells = rows.get(i).split("(?<!\\\\)\\|");
      String file = cells[1].replaceAll(".*]\\(([^)]*)\\).*", "$1").trim();
      assertTrue(Files.exists(DOCS.resolve(file)), file);
      String defaults =
          spec.parameters().stream()
              .filter(p -> !p.name().equals("reduction") && p != LossSpec.RPO_ALPHA)
              .map(p -> "`" + p.name() + "=" + p.defaultValue() + "`")
              .collect(Collectors.joining(" "));
      assertEquals(defaults, cells[3].trim(), spec.name());
      String reduction = spec.reduction() + (spec.needsReference() ? "" : ", no reference");
      assertEquals(reduction, cells[4].trim(), spec.name());
    }
  }
}
