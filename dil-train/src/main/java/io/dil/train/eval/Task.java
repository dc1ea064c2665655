package io.dil.train.eval;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A benchmark, or a part of one that is counted by itself.
 *
 * @param name as {@code --tasks} names it
 * @param group the benchmark that it is a part of; its own name if it is whole
 * @param harness its name in the lm-evaluation-harness
 * @param version the harness's version of it
 * @param data where its rows are
 * @param layout how a row is read
 * @param description what stands in front of the first question, with nothing between
 * @param shots the solved examples
 * @param generation how the model writes; empty where it chooses
 * @param metrics what is measured of a row
 * @param chance the value of the first metric that guessing reaches, for the leaderboard's
 *     normalised number; empty where the leaderboard has none
 * @param addBos whether sequences begin with a BOS, where the task fixes it
 */
public record Task(
    String name,
    String group,
    String harness,
    String version,
    TaskData data,
    Layout layout,
    String description,
    Shots shots,
    Optional<Generation> generation,
    List<Metric> metrics,
    OptionalDouble chance,
    Optional<Boolean> addBos) {
  /** Copies the list. */
  public Task {
    metrics = List.copyOf(metrics);
  }

  /**
   * How the model writes, always greedily.
   *
   * @param until the texts that end it
   * @param maxNewTokens tokens at most
   */
  public record Generation(List<String> until, int maxNewTokens) {
    /** The harness's default of {@code max_gen_toks}. */
    static final int DEFAULT_TOKENS = 256;
  }

  @Override
  public String toString() {
    return name;
  }
}
