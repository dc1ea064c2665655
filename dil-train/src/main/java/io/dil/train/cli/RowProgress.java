package io.dil.train.cli;

import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far rows have come: a bar with the time left on a terminal, a line now and then elsewhere.
 */
final class RowProgress implements AutoCloseable {
  private static final long SECONDS_BETWEEN_LINES = 30;

  private final PrintWriter err;
  private final String name;
  private final long total;
  private final long known;
  private final @Nullable ProgressBar bar;
  private final long begun = System.nanoTime();
  private long told = begun;
  private long done;

  RowProgress(PrintWriter err, String name, long total, long known) {
    this.err = err;
    this.name = name;
    this.total = total;
    this.known = known;
    done = known;
    bar =
        Boolean.getBoolean("dil.terminal")
            ? new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                .setUpdateIntervalMillis(200)
                .startsFrom(known, Duration.ZERO)
                .build()
            : null;
  }

  /** Counts a row. */
  void step() {
    done++;
    if (bar != null) {
      bar.step();
      return;
    }
    long now = System.nanoTime();
    if ((now - told) / 1_000_000_000 >= SECONDS_BETWEEN_LINES) {
      told = now;
      double perRow = (now - begun) / 1e9 / Math.max(1, done - known);
      err.printf("%s: %d of %d rows, %.0f s left%n", name, done, total, perRow * (total - done));
      err.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
