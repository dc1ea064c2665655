package io.dil.train.sweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Who does the work of a sweep. Called on several threads at once, one a job. */
public interface SweepWorkers {
  /** How work ended. */
  enum Ending {
    /** It is done. */
    FINISHED,
    /** It was asked to stop; what was trained is kept, and the same call goes on. */
    STOPPED,
    /** It failed. */
    FAILED
  }

  /**
   * What became of work.
   *
   * @param ending how it ended
   * @param problem why it failed; empty where it did not
   * @param peakBytes the most memory that it held at once; 0 where that is not known
   */
  record Result(Ending ending, String problem, long peakBytes) {}

  /**
   * Trains a run to its end, or goes on with one that was stopped.
   *
   * @param file its settings
   * @param job which of the jobs that go on at once this is, from 0
   * @param jobs how many there are
   */
  Result train(SweepRun run, Path file, int job, int jobs) throws IOException, InterruptedException;

  /**
   * Writes the log-probabilities of a data set's responses, as {@code dil score} does.
   *
   * @param name what is scored, for messages
   * @param words the command's words
   */
  Result score(String name, List<String> words, int job, int jobs)
      throws IOException, InterruptedException;

  /** Asks all work that goes on to stop. */
  void stop();
}
