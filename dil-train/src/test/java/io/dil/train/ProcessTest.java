package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a run does to the machine it runs on, and what the machine does to it. */
@EnabledOnOs(OS.LINUX)
class ProcessTest {
  @TempDir Path folder;

  @Test
  void interruptSavesAndSaysWhere() throws IOException, InterruptedException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 5000);
    Path log = folder.resolve("log");
    Process process = DilProcess.train(settings, log);
    awaitSteps(process, 5);
    new ProcessBuilder("kill", signal(), String.valueOf(process.pid())).start().waitFor();
    assertEquals(130, DilProcess.status(process), DilProcess.text(log));
    String text = DilProcess.text(log);
    assertTrue(text.contains("the same command goes on from"), text);
    try (var entries = Files.list(folder.resolve("run"))) {
      assertTrue(
          entries.anyMatch(entry -> entry.getFileName().toString().matches("checkpoint-\\d+")));
    }
  }

  @Test
  void aSecondInterruptEndsAtOnce() throws IOException, InterruptedException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    // Steps of many seconds, so that the first interrupt has to wait.
    settings.put("gradient_accumulation_steps", 2000);
    settings.put("report_generations", 0);
    Path log = folder.resolve("log");
    Process process = DilProcess.train(settings, log);
    Path metrics = folder.resolve("run/metrics.jsonl");
    long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!Files.exists(metrics) && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    long begun = System.nanoTime();
    for (int times = 0; times < 2; times++) {
      new ProcessBuilder("kill", signal(), String.valueOf(process.pid())).start().waitFor();
      TimeUnit.MILLISECONDS.sleep(300);
    }
    assertEquals(130, DilProcess.status(process), DilProcess.text(log));
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
    assertTrue(seconds < 3, () -> "must end at once, got " + seconds + " s");
    assertTrue(read(log).contains("stopping; what was trained is kept"), read(log));
  }

  @Test
  void aFullDiskKeepsTheLastCheckpoint() throws IOException, InterruptedException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 6);
    settings.put("save_steps", 2);
    Path log = folder.resolve("log");
    // The model fits into this limit (in KiB), the optimiser's moments do not.
    assertEquals(
        1, DilProcess.status(DilProcess.train("ulimit -f 800", settings, log)), () -> read(log));
    assertEquals(1, read(log).lines().filter(line -> line.startsWith("dil: ")).count(), read(log));
    assertTrue(read(log).contains("cannot be written"), read(log));
    assertTrue(Files.notExists(folder.resolve("run/.checkpoint.partial")));
    assertTrue(Files.notExists(folder.resolve("run/model.safetensors")));
    assertEquals(0, DilProcess.status(DilProcess.train(settings, log)), () -> read(log));
  }

  @Test
  void anotherTorchIsRefusedInOneLine() throws IOException, InterruptedException {
    Path lib = Files.createDirectories(folder.resolve("site/torch/lib"));
    Files.createFile(lib.resolve(System.mapLibraryName("torch_cpu")));
    Files.writeString(lib.resolveSibling("version.py"), "__version__ = '2.11.0+cu130'\n");
    Path log = folder.resolve("log");
    Process process =
        DilProcess.train(
            "unset PYTORCH_FLAVOR; export PYTORCH_LIBRARY_PATH=" + lib,
            QuickRun.settings(folder, "run"),
            log);
    assertEquals(2, DilProcess.status(process), () -> read(log));
    assertEquals(1, read(log).lines().count(), read(log));
    assertTrue(
        read(log).contains("torch must be 2.7.1, which the engine was built for"), read(log));
    assertTrue(Files.notExists(folder.resolve("run")));
  }

  @Test
  void residentMemoryDoesNotGrow() throws IOException, InterruptedException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("max_steps", 5000);
    Path log = folder.resolve("log");
    Process process = DilProcess.train(settings, log);
    awaitSteps(process, 50);
    long early = resident(process);
    awaitSteps(process, 300);
    long late = resident(process);
    process.destroyForcibly().waitFor();
    System.out.printf("resident after step 50: %d KiB, after step 300: %d KiB%n", early, late);
    assertTrue(late < 1.05 * early, () -> "resident KiB grew from " + early + " to " + late);
  }

  /**
   * SIGINT, or SIGTERM where these tests run in the background of a shell, whose children ignore
   * it.
   */
  private static String signal() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        long ignored = Long.parseUnsignedLong(line.substring(7).trim(), 16);
        return (ignored & 1L << (2 - 1)) == 0 ? "-INT" : "-TERM";
      }
    }
    return "-INT";
  }

  private void awaitSteps(Process process, int steps) throws IOException {
    Path metrics = folder.resolve("run/metrics.jsonl");
    long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    long lines = 0;
    while (lines < steps) {
      assertTrue(process.isAlive() && System.nanoTime() < until, () -> read(folder.resolve("log")));
      if (Files.exists(metrics)) {
        try (var all = Files.lines(metrics)) {
          lines = all.count();
        }
      }
      Thread.onSpinWait();
    }
  }

  private static long resident(Process process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", "" + process.pid(), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS");
  }

  private static String read(Path log) {
    try {
      return DilProcess.text(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
