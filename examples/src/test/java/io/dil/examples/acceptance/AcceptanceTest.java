package io.dil.examples.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The acceptance of a card, on the processor: values pass, and wrong ones do not. */
class AcceptanceTest {
  @TempDir Path folder;

  private interface Part {
    void run(Checks checks) throws IOException;
  }

  private static List<String> lines(boolean judged, Part part) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    part.run(new Checks(new PrintStream(bytes, true, StandardCharsets.UTF_8), judged));
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static long count(List<String> lines, Checks.Verdict verdict) {
    return lines.stream().filter(line -> line.contains("\"" + verdict + "\"")).count();
  }

  @Test
  void theProcessorsValuesAreThoseOfFp64() throws IOException {
    List<String> lines =
        lines(
            true,
            checks -> ValueChecks.run(Device.cpu(), folder, "", Path.of("values.py"), checks));
    assertEquals(0, count(lines, Checks.Verdict.FAIL), lines::toString);
    assertEquals(15, count(lines, Checks.Verdict.PASS), lines::toString);
    assertTrue(lines.get(lines.size() - 1).contains("no Python with torch"), lines::toString);
  }

  @Test
  void aRunGoesOnAsIfItHadNotStopped() throws IOException {
    List<String> lines = lines(true, checks -> RunChecks.resumed("cpu", folder, checks));
    assertEquals(0, count(lines, Checks.Verdict.FAIL), lines::toString);
    assertEquals(
        2,
        lines.stream().filter(line -> line.contains("\"value\":\"yes\"")).count(),
        lines::toString);
  }

  @Test
  void severalReplicasEndAsOneDoes() throws IOException {
    List<String> lines = lines(true, checks -> RunChecks.shared("cpu", 0, folder, checks));
    assertEquals(2, count(lines, Checks.Verdict.PASS), lines::toString);
  }

  @Test
  void whatIsBeyondItsBoundFailsAndNotANumberToo() throws IOException {
    Part part =
        checks -> {
          checks.value("beyond", 2, 1);
          checks.value("no number", Double.NaN, 1);
          checks.value("within", 1, 1);
        };
    assertEquals(2, count(lines(true, part), Checks.Verdict.FAIL));
    assertEquals(3, count(lines(false, part), Checks.Verdict.NOT_JUDGED));
  }

  @Test
  void aPartThatFailsLeavesTheOthersBe() throws IOException, InterruptedException {
    Path page = folder.resolve("page.md");
    Map<String, String> words =
        Map.of("device", "cuda:63", "work", folder.toString(), "out", page.toString());
    assertFalse(new Page(words, false).write());
    String text = Files.readString(page);
    for (String part : Page.PARTS.keySet()) {
      assertTrue(text.contains("| " + part + " | runs to its end | ended with 1: "), text);
    }
    assertTrue(text.contains("device must be one of 0 GPUs that the engine sees"), text);
    assertTrue(text.contains("**0 passed, 8 failed**"), text);
  }
}
