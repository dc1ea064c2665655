package io.dil.train.run;

import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.train.report.GenerationSample;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a run needs, beside weights and moments, to go on as if it had never stopped.
 *
 * @param version of this record's layout
 * @param step optimiser steps that were taken
 * @param totalSteps steps of the whole run
 * @param examplesPerEpoch examples that one pass over the data gives; 0 where they were not counted
 * @param rowsPerEpoch rows of one pass, those that are dropped included; 0 where examples were
 *     counted
 * @param tokens tokens that were trained on
 * @param position where the data goes on
 * @param metricsBytes length of {@code metrics.jsonl} at this step
 * @param evaluated the step of the last evaluation in {@code metrics.jsonl}; -1 for none
 * @param settings the settings that decide what is trained
 * @param inputs what was trained on what: a hash of the contents by the setting that names them
 * @param environment what decides on the last bits of results: threads, device, versions
 * @param loss values of the loss at given log-probabilities: what it is, whatever it is called
 * @param seconds time spent training
 * @param before generations of the model as it was loaded
 * @param pool pairs of the policy's own answers that are still to be trained on; empty where a run
 *     trains on data, and null in a file that was written before there were any
 * @param course how the run has gone; null in a file that was written before that was kept
 */
public record TrainState(
    int version,
    long step,
    long totalSteps,
    long examplesPerEpoch,
    long rowsPerEpoch,
    long tokens,
    DataPosition position,
    long metricsBytes,
    long evaluated,
    Map<String, String> settings,
    Map<String, String> inputs,
    Map<String, String> environment,
    String loss,
    double seconds,
    List<GenerationSample> before,
    @Nullable List<PendingPair> pool,
    @Nullable RunCourse course) {
  /** The layout that is written. */
  public static final int VERSION = 2;

  /** Returns how the run has gone. */
  public RunCourse gone() {
    return course == null ? RunCourse.START : course;
  }

  /** Returns those pairs. */
  public List<TokenizedExample> pending() {
    return pool == null ? List.of() : pool.stream().map(PendingPair::example).toList();
  }
}
