package io.dil.train.sweep;

import io.dil.core.checkpoint.AtomicFile;
import io.dil.train.TrainingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Trains runs, as many at once as memory and devices allow. */
final class SweepJobs {
  /** What a machine keeps for itself and for what grows: a fifth of its free memory. */
  private static final double SHARE = 0.8;

  private final SweepFile file;
  private final SweepWorkers workers;
  private final SweepListener listener;
  private final Runnable changed;
  private final AtomicBoolean stopping;

  SweepJobs(
      SweepFile file,
      SweepWorkers workers,
      SweepListener listener,
      Runnable changed,
      AtomicBoolean stopping) {
    this.file = file;
    this.workers = workers;
    this.listener = listener;
    this.changed = changed;
    this.stopping = stopping;
  }

  /**
   * Trains all that are not finished; returns when they have ended or the sweep is stopping.
   *
   * @param what they are, in words
   */
  void train(String what, List<SweepRecord> records) throws InterruptedException {
    ArrayDeque<SweepRecord> queue = new ArrayDeque<>();
    for (SweepRecord record : records) {
      if (!record.isFinished()) {
        queue.add(record);
      }
    }
    changed.run();
    listener.began(what, records.size() - queue.size(), records.size());
    if (queue.isEmpty()) {
      return;
    }
    int jobs = file.devices().isEmpty() ? file.jobs() : file.devices().size();
    if (jobs == 0) {
      // The first alone shows how much memory a run takes.
      long peak = records.stream().mapToLong(SweepRecord::peakBytes).max().orElse(0);
      if (peak == 0) {
        SweepRecord first = queue.remove();
        train(first, 0, 1);
        peak = first.peakBytes();
      }
      jobs = jobs(peak);
      listener.message(
          jobs + (jobs == 1 ? " run" : " runs") + " at a time (" + (peak >> 20) + " MiB each)");
    }
    work(queue, Math.min(jobs, queue.size()));
  }

  /** Returns how many runs of the given peak fit, at most one for two processors. */
  private static int jobs(long peak) {
    int processors = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    if (peak <= 0) {
      return 1;
    }
    return (int) Math.max(1, Math.min(processors, SHARE * Memory.free() / peak));
  }

  private void work(ArrayDeque<SweepRecord> queue, int jobs) throws InterruptedException {
    if (jobs == 0) {
      return;
    }
    ExecutorService threads = Executors.newFixedThreadPool(jobs);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < jobs; i++) {
        int job = i;
        ends.add(
            threads.submit(
                () -> {
                  for (SweepRecord next = take(queue); next != null; next = take(queue)) {
                    train(next, job, jobs);
                  }
                  return null;
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    } catch (ExecutionException e) {
      stopping.set(true);
      workers.stop();
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new TrainingException("a job of the sweep failed: " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
    }
  }

  private @Nullable SweepRecord take(ArrayDeque<SweepRecord> queue) {
    synchronized (queue) {
      return stopping.get() ? null : queue.poll();
    }
  }

  private void train(SweepRecord record, int job, int jobs) throws InterruptedException {
    SweepRun run = record.run();
    Path settings = run.file(file.output());
    long begun = System.nanoTime();
    SweepWorkers.Result result;
    try {
      Files.createDirectories(file.output());
      AtomicFile.write(settings, run.yaml().getBytes(StandardCharsets.UTF_8));
      result = workers.train(run, settings, job, jobs);
    } catch (IOException e) {
      result = new SweepWorkers.Result(SweepWorkers.Ending.FAILED, String.valueOf(e), 0);
    }
    synchronized (this) {
      record.ended(result);
      changed.run();
      listener.ended(run, result, record.evaluation(), (System.nanoTime() - begun) / 1e9);
    }
  }
}
