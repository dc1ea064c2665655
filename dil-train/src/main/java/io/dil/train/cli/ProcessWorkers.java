package io.dil.train.cli;

import io.dil.train.sweep.Memory;
import io.dil.train.sweep.SweepRun;
import io.dil.train.sweep.SweepWorkers;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs of a sweep, each in a process of its own: memory is given back at its end, and what kills
 * one leaves the others alone. A child ends when its input does, so none outlives the sweep.
 */
final class ProcessWorkers implements SweepWorkers, AutoCloseable {
  private final Path logs;
  private final List<String> devices;

  /** Whether each ends by itself at the end of its input. */
  private final Map<Process, Boolean> children = new ConcurrentHashMap<>();

  private final Map<String, String> lastLines = new ConcurrentHashMap<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "memory of runs");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Makes workers.
   *
   * @param logs the folder that gets what each run prints
   * @param devices the device of each job; empty where runs choose
   */
  ProcessWorkers(Path logs, List<String> devices) {
    this.logs = logs;
    this.devices = List.copyOf(devices);
  }

  @Override
  public Result train(SweepRun run, Path file, int job, int jobs)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("train", file.toString()));
    if (!devices.isEmpty()) {
      words.add("device=" + devices.get(job));
    }
    return start(run.name(), words, jobs, true);
  }

  @Override
  public Result score(String name, List<String> words, int job, int jobs)
      throws IOException, InterruptedException {
    return start(name, words, jobs, false);
  }

  /** Returns the last line that each run that goes on has printed. */
  Map<String, String> lastLines() {
    return Map.copyOf(lastLines);
  }

  /**
   * Runs a command.
   *
   * @param heeds whether it ends by itself, and keeps what it has, at the end of its input
   */
  private Result start(String name, List<String> words, int jobs, boolean heeds)
      throws IOException, InterruptedException {
    Files.createDirectories(logs);
    ProcessBuilder builder = new ProcessBuilder(command(words)).redirectErrorStream(true);
    if (jobs > 1) {
      int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
      builder.environment().putIfAbsent("OMP_NUM_THREADS", String.valueOf(threads));
    }
    Process child = builder.start();
    children.put(child, heeds);
    if (stopping.get()) {
      end(child, heeds);
    }
    AtomicLong peak = new AtomicLong();
    ScheduledFuture<?> watch =
        clock.scheduleAtFixedRate(
            () -> peak.accumulateAndGet(Memory.peak(child.pid()), Math::max),
            1,
            1,
            TimeUnit.SECONDS);
    String last = "";
    String error = "";
    try (BufferedReader lines = new BufferedReader(child.inputReader(StandardCharsets.UTF_8));
        BufferedWriter log =
            Files.newBufferedWriter(
                logs.resolve(name.replaceAll("[^A-Za-z0-9._-]", "_") + ".log"),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.write(line);
        log.newLine();
        log.flush();
        if (!line.isBlank()) {
          last = line;
          lastLines.put(name, line);
        }
        if (line.startsWith("dil: ")) {
          error = line.substring("dil: ".length());
        }
      }
      int status = child.waitFor();
      return result(status, error.isEmpty() ? last : error, peak.get());
    } finally {
      watch.cancel(false);
      lastLines.remove(name);
      children.remove(child);
      child.destroy();
    }
  }

  private Result result(int status, String said, long peak) {
    return switch (status) {
      case Dil.OK -> new Result(Ending.FINISHED, "", peak);
      case Dil.INTERRUPTED -> new Result(Ending.STOPPED, "", peak);
      // Killed by the signal that the sweep was stopped with.
      default ->
          stopping.get() && status > 128
              ? new Result(Ending.STOPPED, "", peak)
              : new Result(Ending.FAILED, said.isEmpty() ? "status " + status : said, peak);
    };
  }

  /** Returns how this program starts itself with other words. */
  private static List<String> command(List<String> words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // A debugger or an agent is for this process alone.
      if (!option.startsWith("-Ddil.terminal")
          && !option.startsWith("-agent")
          && !option.startsWith("-javaagent")) {
        command.add(option);
      }
    }
    command.add("-D" + EndOfInput.PROPERTY + "=true");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Dil.class.getName()));
    command.addAll(words);
    return command;
  }

  private static void end(Process child, boolean heeds) {
    if (!heeds) {
      child.destroy();
      return;
    }
    try {
      child.getOutputStream().close();
    } catch (IOException e) {
      // It has ended already.
      return;
    }
  }

  @Override
  public void stop() {
    stopping.set(true);
    children.forEach(ProcessWorkers::end);
  }

  @Override
  public void close() {
    clock.shutdownNow();
    children.keySet().forEach(Process::destroy);
  }
}
