package io.dil.train.track;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Where the lines of a run's {@code metrics.jsonl} go too. All calls come from one thread, in
 * order. A call that throws is the last one: the run goes on without the tracker.
 */
interface Tracker {
  /** How a run ended. */
  enum Ending {
    /** All was written. */
    FINISHED,
    /** It was asked to stop, and can go on. */
    STOPPED,
    /** An error ended it. */
    FAILED
  }

  /**
   * A run begins or goes on. Whatever was told before beyond {@code lines}, by a run that was
   * killed after its checkpoint, must not be there twice in the end.
   *
   * @param lines those of {@code metrics.jsonl} so far
   * @param settings of the run, by key
   */
  void started(List<Map<String, Double>> lines, Map<String, String> settings) throws IOException;

  /** Takes a line: a step's, or an evaluation's. */
  void line(Map<String, Double> line) throws IOException;

  /** The run is over; nothing is called after this. */
  void ended(Ending ending) throws IOException;
}
