package io.dil.train.cli;

import java.io.IOException;
import java.io.InputStream;

/** Stops a run when the program that started it has gone, which the end of its input shows. */
final class EndOfInput {
  /** The property that asks for it; a person's terminal or an empty input must not stop a run. */
  static final String PROPERTY = "dil.stop-at-end-of-input";

  private EndOfInput() {}

  /** Calls {@code stop} at the end of the input, if the property asks for it. */
  static void watch(InputStream input, Runnable stop) {
    if (!Boolean.getBoolean(PROPERTY)) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                while (input.read() >= 0) {
                  // Nothing is said this way but that there is somebody.
                }
              } catch (IOException e) {
                // As good as the end.
              }
              stop.run();
            },
            "end of input");
    thread.setDaemon(true);
    thread.start();
  }
}
