package io.dil.core.collective;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the threads of a group show each other what they hold. */
final class Meeting {
  private final int size;
  private final @Nullable Object[] shown;
  private int arrived;
  private long round;
  private @Nullable Throwable failure;

  Meeting(int size) {
    this.size = size;
    shown = new Object[size];
  }

  /**
   * Shows {@code mine} and returns what every rank shows, once all have come. The others may read
   * it until they call {@link #await}.
   */
  synchronized List<Object> show(int rank, Object mine) {
    shown[rank] = mine;
    await();
    List<Object> all = new ArrayList<>();
    for (Object one : shown) {
      if (one != null) {
        all.add(one);
      }
    }
    return all;
  }

  /** Returns when all ranks have called it. */
  synchronized void await() {
    refuseFailed();
    long mine = round;
    if (++arrived == size) {
      arrived = 0;
      round++;
      notifyAll();
      return;
    }
    try {
      while (round == mine) {
        refuseFailed();
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(e);
      refuseFailed();
    }
  }

  /** Makes every rank that waits, or comes later, fail. */
  synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    notifyAll();
  }

  /** Lets ranks meet again after a failure; none may be waiting. */
  synchronized void renew() {
    failure = null;
    arrived = 0;
  }

  private void refuseFailed() {
    if (failure != null) {
      throw new RankStoppedException(failure);
    }
  }
}
