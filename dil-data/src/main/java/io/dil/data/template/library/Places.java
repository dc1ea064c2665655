package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Search;
import io.dil.data.template.python.Text;
import org.jspecify.annotations.Nullable;

/** Where a text stands in another: {@code find}, {@code index}, {@code count}. */
final class Places {
  private Places() {}

  /**
   * The part of a text that is looked at, in units.
   *
   * @param from its beginning
   * @param to its end
   * @param valid whether the bounds that were asked for are in order
   */
  record Window(int from, int to, boolean valid) {
    static Window of(String text, @Nullable Object start, @Nullable Object stop, Budget budget) {
      boolean wholeText = start == null && stop == null;
      if (wholeText) {
        return new Window(0, text.length(), true);
      }
      budget.read(text.length());
      int length = Text.length(text);
      long from = place(start, 0, length);
      long to = Math.min(length, place(stop, length, length));
      return new Window(Text.unit(text, from), Text.unit(text, to), from <= to);
    }

    private static long place(@Nullable Object bound, long otherwise, int length) {
      if (bound == null || bound == None.NONE) {
        return otherwise;
      }
      long index = Numbers.bound(bound, "slice bound");
      return index < 0 ? Math.max(0, index + length) : index;
    }
  }

  static Object find(String text, Arguments arguments, String how, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed(how, 1, 3);
    String wanted = StringMethods.text(bound[0], "the argument");
    Window window = Window.of(text, bound[1], bound[2], budget);
    int at = -1;
    if (window.valid) {
      at =
          how.startsWith("r")
              ? Search.last(text, wanted, window.to, budget)
              : Search.first(text, wanted, window.from, budget);
    }
    if (at < window.from || at + wanted.length() > window.to) {
      at = -1;
    }
    if (at < 0 && how.endsWith("index")) {
      throw RenderError.value("substring not found");
    }
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  static Object count(String text, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed("count", 1, 3);
    String wanted = StringMethods.text(bound[0], "the argument");
    Window window = Window.of(text, bound[1], bound[2], budget);
    if (!window.valid) {
      return 0L;
    }
    if (wanted.isEmpty()) {
      return 1L + text.codePointCount(window.from, window.to);
    }
    long found = 0;
    int at = Search.first(text, wanted, window.from, budget);
    while (at >= 0 && at + wanted.length() <= window.to) {
      found++;
      at = Search.first(text, wanted, at + wanted.length(), budget);
    }
    return found;
  }
}
