package io.dil.train.config;

/**
 * How often something is done: every so many steps, or after every such share of a run.
 *
 * <p>As in transformers, a number below 1 is a share: {@code 0.25} of 10 steps is every 3.
 *
 * @param value steps; below 1 a share of the run; 0 is never
 */
public record Interval(double value) {
  /** Returns the steps from one time to the next, in a run of so many; 0: never. */
  public long steps(long total) {
    return value > 0 && value < 1 ? (long) Math.ceil(total * value) : (long) value;
  }

  @Override
  public String toString() {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
