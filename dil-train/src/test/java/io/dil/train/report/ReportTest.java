package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

  private static final Pattern CHARTS =
      Pattern.compile("<script type=\"application/json\" id=\"charts\">(.*?)</script>");

  @TempDir Path folder;

  private static String page(ReportData data) throws IOException {
    return Report.html(data);
  }

  private static JsonNode charts(String page) throws IOException {
    Matcher matcher = CHARTS.matcher(page);
    assertTrue(matcher.find());
    return new ObjectMapper().readTree(matcher.group(1));
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  @Test
  void textFromTheDataIsNeverMarkup() throws IOException {
    String attack = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"&{{script}}";
    List<Map<String, Double>> rows = Runs.of(3, attack, step -> step);
    String plain = page(Runs.data(Runs.of(3, "other", step -> step), List.of()));

    String page =
        page(
            new ReportData(
                attack,
                Map.of(attack, attack),
                rows,
                rows,
                Map.of(attack, attack),
                List.of(new GenerationSample(attack, attack, attack, attack, attack, attack))));

    for (String markup : List.of("<script", "</script", "<img")) {
      assertEquals(count(plain, markup), count(page, markup), markup);
    }
    assertTrue(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    assertTrue(page.contains("&quot;&amp;{{script}}"));
    assertEquals(attack, charts(page).get(0).get("title").asText());
  }

  @Test
  void everythingIsInThePage() throws IOException {
    String page = page(Runs.data(Runs.of(30, "loss", step -> 1.0 / step), List.of()));

    assertTrue(page.contains("default-src 'none'"));
    assertTrue(page.contains("Permission is hereby granted"), "uPlot's licence goes with its code");
    for (String outside : List.of(" src=", " href=", "url(", "@import")) {
      assertFalse(page.contains(outside), outside);
    }
  }

  @Test
  void withoutTheLibraryThatDrawsThePageSaysSoAndHoldsNoScript() throws IOException {
    Drawing drawing = new Drawing(Optional.empty());

    assertEquals("", drawing.style() + drawing.credit());
    assertTrue(drawing.notice().contains("org.webjars.npm:uplot"));
    assertEquals(
        "<script type=\"application/json\" id=\"charts\">[]</script>\n", drawing.scripts("[]"));
  }

  @Test
  void valuesThatAreNotFiniteAreGapsAndAreMentioned() throws IOException {
    double[] losses = {0.7, Double.NaN, 0.5, Double.POSITIVE_INFINITY};
    String page = page(Runs.data(Runs.of(4, "loss", step -> losses[step - 1]), List.of()));

    JsonNode table = charts(page).get(0).get("tables").get(0);
    assertEquals("[[1,2,3,4],[0.7,null,0.5,null]]", table.toString());
    assertTrue(page.contains("loss was not finite in 2 of 4 steps, first in step 2"));
  }

  @Test
  void aLongRunStaysSmallAndKeepsItsSpike() throws IOException {
    int spike = 12_345;
    List<Map<String, Double>> rows =
        Runs.of(20_000, "loss", step -> step == spike ? 99.0 : Math.exp(-step / 5_000.0));
    String page = page(Runs.data(rows, List.of()));

    JsonNode table = charts(page).get(0).get("tables").get(0);
    int drawn = table.get(0).size();
    assertTrue(drawn <= 2 * Thinning.BUCKETS + 2, () -> drawn + " points");
    int at = indexOf(table.get(0), spike);
    assertEquals(99.0, table.get(1).get(at).asDouble());
    assertTrue(page.length() < 200_000, () -> page.length() + " characters");
  }

  private static int indexOf(JsonNode column, int value) {
    for (int i = 0; i < column.size(); i++) {
      if (column.get(i).asInt() == value) {
        return i;
      }
    }
    throw new AssertionError("step " + value + " is not drawn");
  }

  @Test
  void everyColumnHasItsSeries() throws IOException {
    List<Map<String, Double>> steps = Runs.of(40, "logps/chosen", step -> -step);
    steps.forEach(row -> row.put("logps/rejected", row.get("logps/chosen") - 1));
    List<Map<String, Double>> evaluations = Runs.of(2, "eval_logps/chosen", step -> -40.0 * step);
    evaluations.forEach(row -> row.put("eval_logps/rejected", -50.0));

    JsonNode chart = charts(page(Runs.data(steps, evaluations))).get(0);

    int columns = 0;
    for (JsonNode table : chart.get("tables")) {
      columns += table.size() - 1;
      for (JsonNode column : table) {
        assertEquals(table.get(0).size(), column.size());
      }
    }
    assertEquals(2 + 2 + 2, columns, "raw and mean of both, and both held out");
    assertEquals(columns, chart.get("series").size());
  }

  @Test
  void aRunOfOneStepAndARunOfNoneHaveAReport() throws IOException {
    String one = page(Runs.data(Runs.of(1, "loss", step -> -0.5), List.of()));
    String none = page(Runs.data(List.of(), List.of()));

    assertTrue(one.contains("After 1 step the loss is -0.5."));
    assertTrue(none.contains("No step was taken."));
    assertEquals(0, charts(none).size());
  }

  @Test
  void theFileIsReplacedWhole() throws IOException {
    Path file = folder.resolve("report.html");
    Files.writeString(file, "old");
    ReportData data = Runs.data(Runs.of(3, "loss", step -> step), List.of());

    Report.write(file, data);

    assertEquals(page(data), Files.readString(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aFailureLeavesNothingBehind() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("report.html/inside")).getParent();
    ReportData data = Runs.data(List.of(), List.of());

    assertThrows(IOException.class, () -> Report.write(taken, data));
    assertThrows(
        IOException.class, () -> Report.write(folder.resolve("missing/report.html"), data));

    try (var files = Files.list(folder)) {
      assertEquals(List.of(taken), files.toList());
    }
  }

  @Test
  void everyLineOfAChartDiffersAndShowsItsLastValue() throws IOException {
    List<Map<String, Double>> steps = Runs.of(40, "logps/chosen_drift", step -> -step);
    steps.forEach(row -> row.put("logps/rejected_drift", row.get("logps/chosen_drift") - 1));
    List<Map<String, Double>> evaluations = Runs.of(2, "eval_logps/chosen_drift", step -> -7.25);
    evaluations.forEach(row -> row.put("eval_logps/rejected_drift", -8.0));
    ReportData data = Runs.data(steps, evaluations);

    List<Key> keys = Key.of(Chart.of(data).get(0), data);

    assertEquals(
        List.of(
            "chosen, each step",
            "chosen, mean of 5 steps",
            "rejected, each step",
            "rejected, mean of 5 steps",
            "chosen, held out",
            "rejected, held out"),
        keys.stream().map(Key::label).toList());
    assertEquals(6, keys.stream().map(key -> key.colour() + key.kind()).distinct().count());
    String page = page(data);
    assertTrue(page.contains("<span>chosen, held out</span> <b>-7.25</b>"));
    assertTrue(page.contains("<span>chosen, mean of 5 steps</span> <b>-38</b>"));
    assertEquals("nats", charts(page).get(0).get("unit").asText());
  }

  @Test
  void whatIsCutSaysSo() throws IOException {
    ReportData data =
        new ReportData(
            "run",
            Map.of(),
            List.of(),
            List.of(),
            Map.of(),
            List.of(
                new GenerationSample(
                    "the end", "(its last 2 tokens)", "a", "", "b", "(cut at 1)")));
    String page = page(data);
    assertTrue(page.contains("<em>(its last 2 tokens)</em> the end"));
    assertTrue(page.contains("<p>b <em>(cut at 1)</em></p>"));
    assertTrue(page.contains("<p>a</p>"));
  }
}
