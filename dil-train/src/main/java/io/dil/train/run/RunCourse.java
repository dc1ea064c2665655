package io.dil.train.run;

import org.jspecify.annotations.Nullable;

/**
 * How a run has gone, where that decides how it goes on.
 *
 * @param best its best model; null where none was looked for or evaluated yet
 * @param worse evaluations in a row that were no better
 * @param ended why the run ends at its step though more were planned; empty where it goes on
 * @param rate what the schedule's rate is multiplied by
 */
public record RunCourse(@Nullable BestState best, int worse, String ended, double rate) {
  /** That of a run that begins. */
  public static final RunCourse START = new RunCourse(null, 0, "", 1);
}
