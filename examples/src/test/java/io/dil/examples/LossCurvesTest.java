package io.dil.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class LossCurvesTest {
  @Test
  void everyLossOfPairsIsDrawn(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("curves.svg");
    LossCurves.main(new String[] {file.toString()});
    Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    int panels = 4 * LossCurves.drawn().size();
    assertEquals(3 * panels, svg.getElementsByTagName("polyline").getLength());
    assertFalse(Files.readString(file).contains("NaN"));
  }
}
