package io.dil.train.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C (and a polite kill) into a request to stop: the JVM's shutdown waits until the run
 * has written its checkpoint, and then exits with 130.
 */
final class Interrupt implements AutoCloseable {
  /** Longer than a step and a save take; a second Ctrl-C does not wait. */
  private static final long PATIENCE_MINUTES = 30;

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;

  Interrupt(Runnable stop) {
    hook =
        new Thread(
            () -> {
              stop.run();
              try {
                if (finished.await(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
                  System.out.flush();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(Dil.INTERRUPTED);
            },
            "dil-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Lets the shutdown go on. */
  void done() {
    finished.countDown();
  }

  @Override
  public void close() {
    finished.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is already shutting down: the hook itself ends it.
      finished.countDown();
    }
  }
}
