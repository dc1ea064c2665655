package io.dil.data.stream;

import io.dil.core.InputException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Works through an epoch's rows on several threads, ahead of whoever takes them, and hands the
 * outcomes out in the order of the rows.
 *
 * <p>Rows are read on the taker's thread in small batches; a fixed number of batches is under way
 * at any time, which bounds the memory.
 */
final class WorkAhead<T> implements AutoCloseable {
  private static final int BATCH = DataShare.BLOCK;
  private static final int BATCHES_PER_THREAD = 8;

  private final Rows rows;
  private final Function<Rows.FormattedRow, T> work;
  private final UnaryOperator<List<T>> completed;
  private final ExecutorService threads;
  private final int batches;
  private final ArrayDeque<Future<List<T>>> underWay = new ArrayDeque<>();
  private Iterator<T> ready = List.<T>of().iterator();
  private boolean exhausted;
  private @Nullable InputException broken;

  WorkAhead(Rows rows, Function<Rows.FormattedRow, T> work, int threads) {
    this(rows, work, threads, batch -> batch);
  }

  /**
   * Begins.
   *
   * @param completed makes of the outcomes of a batch those that are handed out, on the taker's
   *     thread and in the order of the rows
   */
  WorkAhead(
      Rows rows,
      Function<Rows.FormattedRow, T> work,
      int threads,
      UnaryOperator<List<T>> completed) {
    this.rows = rows;
    this.work = work;
    this.completed = completed;
    this.batches = threads * BATCHES_PER_THREAD;
    this.threads =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "dil-data");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Returns what became of the next row, or null after the last. */
  @Nullable T next() throws IOException {
    while (!ready.hasNext()) {
      readAhead();
      Future<List<T>> first = underWay.poll();
      if (first == null) {
        if (broken != null) {
          throw broken;
        }
        return null;
      }
      ready = completed.apply(result(first)).iterator();
      readAhead();
    }
    return ready.next();
  }

  private void readAhead() throws IOException {
    while (!exhausted && underWay.size() < batches) {
      List<Rows.FormattedRow> batch = new ArrayList<>(BATCH);
      try {
        while (batch.size() < BATCH) {
          Rows.FormattedRow row = rows.next();
          if (row == null) {
            exhausted = true;
            break;
          }
          batch.add(row);
        }
      } catch (InputException e) {
        // Kept until the rows that came before it are through.
        broken = e;
        exhausted = true;
      }
      if (!batch.isEmpty()) {
        underWay.add(threads.submit(() -> batch.stream().map(work).toList()));
      }
    }
  }

  private static <T> List<T> result(Future<List<T>> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for tokenised rows", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("tokenising failed", e.getCause());
    }
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    rows.close();
  }
}
