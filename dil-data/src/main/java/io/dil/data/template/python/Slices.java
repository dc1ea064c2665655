package io.dil.data.template.python;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code value[start:stop:step]}. */
public final class Slices {
  private Slices() {}

  /** The bounds for a length, as {@code slice.indices} gives them. */
  private record Bounds(long start, long stop, long step, long count) {
    static Bounds of(
        @Nullable Object start, @Nullable Object stop, @Nullable Object step, long length) {
      long by = isNone(step) ? 1 : Numbers.bound(step, "slice step");
      if (by == 0) {
        throw RenderError.value("slice step cannot be zero");
      }
      by = Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, by));
      long low = by > 0 ? 0 : -1;
      long high = by > 0 ? length : length - 1;
      long from = isNone(start) ? (by > 0 ? low : high) : clip(start, length, low, high);
      long to = isNone(stop) ? (by > 0 ? high : low) : clip(stop, length, low, high);
      long span = by > 0 ? to - from : from - to;
      long width = Math.abs(by);
      return new Bounds(from, to, by, span <= 0 ? 0 : (span + width - 1) / width);
    }

    private static boolean isNone(@Nullable Object bound) {
      return bound == null || bound == None.NONE;
    }

    private static long clip(@Nullable Object bound, long length, long low, long high) {
      long index = Numbers.bound(bound, "slice bound");
      if (index < 0) {
        index = Math.max(index, Long.MIN_VALUE / 2) + length;
      }
      return Math.max(low, Math.min(high, index));
    }
  }

  /** Cuts a piece out of a value. */
  public static Object of(
      Object value,
      @Nullable Object start,
      @Nullable Object stop,
      @Nullable Object step,
      Budget budget) {
    if (value instanceof String text) {
      return text(text, start, stop, step, budget);
    }
    if (value instanceof PySequence sequence) {
      List<Object> items = sequence.items();
      Bounds bounds = Bounds.of(start, stop, step, items.size());
      budget.elements(bounds.count);
      List<Object> piece = new ArrayList<>((int) bounds.count);
      for (long i = 0; i < bounds.count; i++) {
        piece.add(items.get((int) (bounds.start + i * bounds.step)));
      }
      return value instanceof PyList ? new PyList(piece) : new PyTuple(piece);
    }
    if (value instanceof PyRange range) {
      Bounds bounds = Bounds.of(start, stop, step, range.size());
      return new PyRange(range.at(bounds.start), range.at(bounds.stop), range.step() * bounds.step);
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (value instanceof Markup) {
      throw RenderError.notOffered("slicing text that is marked safe");
    }
    if (value instanceof PyDict) {
      throw RenderError.type("unhashable type: 'slice'");
    }
    throw RenderError.type("'" + Types.name(value) + "' object is not subscriptable");
  }

  private static String text(
      String text,
      @Nullable Object start,
      @Nullable Object stop,
      @Nullable Object step,
      Budget budget) {
    budget.read(text.length());
    Bounds bounds = Bounds.of(start, stop, step, Text.length(text));
    budget.text(bounds.count);
    if (bounds.count == 0) {
      return "";
    }
    if (bounds.step == 1) {
      int from = Text.unit(text, bounds.start);
      return text.substring(from, Text.unit(text, bounds.stop));
    }
    int[] points = text.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    for (long i = 0; i < bounds.count; i++) {
      out.appendCodePoint(points[(int) (bounds.start + i * bounds.step)]);
    }
    return out.toString();
  }
}
