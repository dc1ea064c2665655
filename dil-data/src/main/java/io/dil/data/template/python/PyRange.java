package io.dil.data.template.python;

/**
 * {@code range(start, stop, step)}.
 *
 * @param start the first number
 * @param stop where it ends, not included
 * @param step the distance; not 0
 */
public record PyRange(long start, long stop, long step) {
  /** As Jinja's sandbox has it. */
  private static final long LONGEST = 100_000;

  /** Makes one that templates ask for. */
  public static PyRange checked(long start, long stop, long step) {
    if (step == 0) {
      throw RenderError.value("range() arg 3 must not be zero");
    }
    PyRange range = new PyRange(start, stop, step);
    double length = ((double) stop - start) / step;
    if (length > LONGEST) {
      throw RenderError.limit("range must hold at most " + LONGEST + " numbers, got more");
    }
    return range;
  }

  /** Returns how many numbers there are. */
  public int size() {
    long span = step > 0 ? stop - start : start - stop;
    long width = Math.abs(step);
    return span <= 0 ? 0 : (int) ((span + width - 1) / width);
  }

  /** Returns the number at a place. */
  public long at(long index) {
    return start + index * step;
  }

  /** Returns where a number stands, or -1. */
  public long indexOf(long number) {
    long distance = number - start;
    long index = distance / step;
    return distance % step == 0 && index >= 0 && index < size() ? index : -1;
  }
}
