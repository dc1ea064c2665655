package io.dil.train.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Hears how an evaluation goes on. */
public interface EvaluationListener {
  /** Hears nothing. */
  EvaluationListener NONE = new EvaluationListener() {};

  /**
   * A task begins.
   *
   * @param rows how many rows it has
   * @param known how many of them an earlier run has answered
   */
  default void started(Task task, int rows, int known) {}

  /**
   * A row was answered.
   *
   * @param line the answer and what was measured of it; with the request where the options ask for
   *     samples
   */
  default void answered(Task task, ObjectNode line) {}

  /** A task is complete. */
  default void finished(TaskResult result) {}
}
