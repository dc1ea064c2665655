package io.dil.examples.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the parts one after the other and writes what they found as one page. */
final class Page {
  /** The parts, in order, with the seconds that each may take. */
  static final Map<String, Integer> PARTS = parts();

  private final Map<String, String> words;
  private final boolean rehearsal;
  private final List<String> lines = new ArrayList<>();
  private int passed;
  private int failed;

  Page(Map<String, String> words, boolean rehearsal) {
    this.words = words;
    this.rehearsal = rehearsal;
  }

  private static Map<String, Integer> parts() {
    Map<String, Integer> parts = new LinkedHashMap<>();
    parts.put("machine", 30);
    parts.put("values", 100);
    parts.put("resume", 80);
    parts.put("cards", 60);
    parts.put("memory-recomputed", 75);
    parts.put("memory-kept", 75);
    parts.put("speed", 120);
    parts.put("shares", 60);
    return parts;
  }

  /** Runs and writes; returns whether nothing failed. */
  boolean write() throws IOException, InterruptedException {
    Path work = Path.of(words.getOrDefault("work", "acceptance")).toAbsolutePath();
    Files.createDirectories(work);
    Path out = Path.of(words.getOrDefault("out", "acceptance.md")).toAbsolutePath();
    String device = words.getOrDefault("device", "cuda");
    lines.add(
        "# Acceptance on `" + device + "`, " + Instant.now().toString().substring(0, 16) + "Z");
    lines.add("");
    if (rehearsal) {
      lines.add("**A rehearsal: values are shown and not judged.**");
      lines.add("");
    }
    lines.add("| part | check | value | bound | verdict |");
    lines.add("|---|---|---|---|---|");
    long began = System.nanoTime();
    for (Map.Entry<String, Integer> part : PARTS.entrySet()) {
      run(part.getKey(), part.getValue(), work);
      save(out, began);
    }
    System.out.println("page    " + out);
    return failed == 0;
  }

  private void save(Path out, long began) throws IOException {
    List<String> all = new ArrayList<>(lines);
    all.add(
        2,
        "**"
            + passed
            + " passed, "
            + failed
            + " failed**, in "
            + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)
            + " s.\n");
    Files.writeString(out, String.join("\n", all) + "\n");
  }

  private void run(String part, int seconds, Path work) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Acceptance.command());
    words.forEach((key, value) -> command.add(key + "=" + value));
    command.add("part=" + part);
    Path log = work.resolve(part + ".log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    if (part.equals("shares")) {
      builder.environment().put("CUDA_LAUNCH_BLOCKING", "1");
    }
    Instant start = Instant.now();
    Process process = builder.start();
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    List<String> said =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
    for (String line : said) {
      if (line.startsWith(Checks.MARK)) {
        check(part, new ObjectMapper().readTree(line.substring(Checks.MARK.length())));
      }
    }
    if (!ended || process.exitValue() != 0) {
      failed++;
      String reason =
          said.stream()
              .filter(line -> line.contains("Exception") || line.startsWith("#"))
              .findFirst()
              .orElse(said.isEmpty() ? "no output" : said.get(said.size() - 1));
      String end = ended ? "ended with " + process.exitValue() : "took over " + seconds + " s";
      row(part, "runs to its end", end + ": " + reason, "", "**FAIL**");
    }
    System.out.printf("%-18s %d s%n", part, Duration.between(start, Instant.now()).toSeconds());
  }

  private void check(String part, JsonNode check) {
    Checks.Verdict verdict = Checks.Verdict.valueOf(check.path("verdict").asText());
    passed += verdict == Checks.Verdict.PASS ? 1 : 0;
    failed += verdict == Checks.Verdict.FAIL ? 1 : 0;
    String shown =
        switch (verdict) {
          case PASS -> "pass";
          case FAIL -> "**FAIL**";
          case NOT_JUDGED -> "not judged";
          case NOTED -> "";
        };
    row(
        part,
        check.path("name").asText(),
        check.path("value").asText(),
        check.path("bound").asText(),
        shown);
  }

  private void row(String... cells) {
    StringBuilder row = new StringBuilder("|");
    for (String cell : cells) {
      row.append(' ').append(cell.replace("|", "\\|").replaceAll("\\s+", " ")).append(" |");
    }
    lines.add(row.toString());
  }
}
