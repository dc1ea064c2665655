package io.dil.train.sweep;

import java.util.Map;

/** Hears how a sweep comes along; calls come one at a time, on any of its threads. */
public interface SweepListener {
  /** A listener that does nothing. */
  SweepListener NONE = new SweepListener() {};

  /** Says something to the person who waits. */
  default void message(String text) {}

  /**
   * The search or the training with more seeds begins.
   *
   * @param what in words
   * @param known runs of it that are finished already
   * @param total all of them
   */
  default void began(String what, int known, int total) {}

  /**
   * A run has ended.
   *
   * @param evaluation its last evaluation; empty if it did not finish
   */
  default void ended(
      SweepRun run, SweepWorkers.Result result, Map<String, Double> evaluation, double seconds) {}
}
