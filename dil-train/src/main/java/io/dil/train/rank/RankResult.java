package io.dil.train.rank;

import io.dil.core.collective.Collectives;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Results that go from the process that computed them to all others, as numbers. */
public final class RankResult {
  /** The form of a result without anything that others need. */
  public static final Form<Boolean> DONE =
      new Form<>() {
        @Override
        public List<double @Nullable []> write(Boolean result) {
          return List.of();
        }

        @Override
        public Boolean read(List<double @Nullable []> parts) {
          return true;
        }
      };

  private RankResult() {}

  /**
   * How a result is written as arrays of numbers, and read again.
   *
   * @param <T> the result
   */
  public interface Form<T> {
    /** Returns the parts of a result; one that is not there is null. */
    List<double @Nullable []> write(T result);

    /** Returns the result that has these parts. */
    T read(List<double @Nullable []> parts);
  }

  /** Returns a part that a form never leaves out. */
  public static double[] part(List<double @Nullable []> parts, int i) {
    return Objects.requireNonNull(parts.get(i));
  }

  /** Returns the results of every rank, each of which gives its own. */
  static <T> List<List<T>> exchange(Collectives group, List<T> own, Form<T> form) {
    double[] numbers = new double[16];
    int length = 0;
    for (T result : own) {
      List<double @Nullable []> parts = form.write(result);
      numbers = room(numbers, length + 1);
      numbers[length++] = parts.size();
      for (double[] part : parts) {
        int size = part == null ? 0 : part.length;
        numbers = room(numbers, length + 1 + size);
        numbers[length++] = part == null ? -1 : size;
        if (part != null) {
          System.arraycopy(part, 0, numbers, length, size);
        }
        length += size;
      }
    }
    List<List<T>> all = new ArrayList<>();
    for (double[] one : group.gather(Arrays.copyOf(numbers, length))) {
      // This process's own results keep what is not sent.
      all.add(all.size() == group.rank() ? own : results(one, form));
    }
    return all;
  }

  private static double[] room(double[] numbers, int length) {
    return length <= numbers.length ? numbers : Arrays.copyOf(numbers, 2 * length);
  }

  private static <T> List<T> results(double[] numbers, Form<T> form) {
    List<T> results = new ArrayList<>();
    int at = 0;
    while (at < numbers.length) {
      int count = (int) numbers[at++];
      List<double @Nullable []> parts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int size = (int) numbers[at++];
        parts.add(size < 0 ? null : Arrays.copyOfRange(numbers, at, at + size));
        at += Math.max(0, size);
      }
      results.add(form.read(parts));
    }
    return results;
  }
}
