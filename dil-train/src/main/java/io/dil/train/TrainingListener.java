package io.dil.train;

import java.nio.file.Path;
import java.util.Map;

/**
 * Hears what a run does, on the thread that trains, which waits for it. Every method may be left as
 * it is; an exception from one ends the run as any other error does. A listener that is given to
 * several runs at once must be made for several threads.
 *
 * <pre>{@code
 * new TrainingRun(config, new TrainingListener() {
 *   private RunControl run;
 *   public void started(RunControl run, long step, long totalSteps) {
 *     this.run = run;
 *   }
 *   public void stepped(long step, int examples, Map<String, Double> metrics) {
 *     if (metrics.get("rewards/margins") > 10) {
 *       run.end("the margin is wide enough");
 *     }
 *   }
 * }).run();
 * }</pre>
 */
public interface TrainingListener {
  /** A listener that does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** Says something to the person who waits. */
  default void message(String text) {}

  /**
   * A run begins, or goes on after {@code step}.
   *
   * @param run what can be asked of it, now and later
   */
  default void started(RunControl run, long step, long totalSteps) {}

  /** A step was taken. */
  default void stepped(long step, int examples, Map<String, Double> metrics) {}

  /** Held-out examples were evaluated. */
  default void evaluated(long step, Map<String, Double> metrics) {}

  /** A checkpoint was written. */
  default void saved(Path checkpoint) {}

  /** The steps are over, or were stopped. */
  default void stopped() {}
}
