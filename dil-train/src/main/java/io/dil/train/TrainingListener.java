package io.dil.train;

import java.nio.file.Path;
import java.util.Map;

/** Hears what a run does, on the thread that trains. Every method may be left as it is. */
public interface TrainingListener {
  /** A listener that does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** Says something to the person who waits. */
  default void message(String text) {}

  /** A run begins, or goes on behind {@code step}. */
  default void started(long step, long totalSteps) {}

  /** A step was taken. */
  default void stepped(long step, int examples, Map<String, Double> metrics) {}

  /** Held-out examples were evaluated. */
  default void evaluated(long step, Map<String, Double> metrics) {}

  /** A checkpoint was written. */
  default void saved(Path checkpoint) {}

  /** The steps are over, or were stopped. */
  default void stopped() {}
}
