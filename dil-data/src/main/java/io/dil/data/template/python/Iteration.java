package io.dil.data.template.python;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Goes through what Python can go through. */
public final class Iteration {
  private Iteration() {}

  /** Returns {@code iter(value)}. */
  public static Iterator<Object> of(Object value, Budget budget) {
    Iterator<Object> found = tryOf(value);
    if (found == null) {
      throw RenderError.type("'" + Types.name(value) + "' object is not iterable");
    }
    return found;
  }

  /** Returns the values one after the other, or null if there is no going through it. */
  public static @Nullable Iterator<Object> tryOf(Object value) {
    if (value instanceof PySequence sequence) {
      return sequence.items().iterator();
    }
    if (value instanceof PyDict dict) {
      return new DictView(dict, DictView.Kind.KEYS).iterator();
    }
    if (value instanceof DictView view) {
      return view.iterator();
    }
    if (value instanceof PyIterator iterator) {
      return iterator.values();
    }
    if (value instanceof Undefined) {
      return Collections.emptyIterator();
    }
    if (value instanceof PyRange range) {
      return indexed(range.size(), i -> range.at(i));
    }
    if (value instanceof String text) {
      return points(text);
    }
    if (value instanceof Markup) {
      throw RenderError.notOffered("going through text that is marked safe");
    }
    return null;
  }

  private static Iterator<Object> points(String text) {
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        return at < text.length();
      }

      @Override
      public Object next() {
        int from = at;
        at = text.offsetByCodePoints(at, 1);
        return text.substring(from, at);
      }
    };
  }

  private static Iterator<Object> indexed(int size, IntFunction<Object> element) {
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        return at < size;
      }

      @Override
      public Object next() {
        return element.apply(at++);
      }
    };
  }

  /** Returns {@code reversed(value)}, or null if there is no going through it backwards. */
  public static @Nullable PyIterator reversed(Object value, Budget budget) {
    if (value instanceof PySequence sequence) {
      List<Object> items = sequence.items();
      int last = items.size() - 1;
      String type = value instanceof PyList ? "list_reverseiterator" : "reversed";
      return new PyIterator(type, indexed(items.size(), i -> items.get(last - i)));
    }
    if (value instanceof PyRange range) {
      int last = range.size() - 1;
      return new PyIterator("range_iterator", indexed(range.size(), i -> range.at(last - i)));
    }
    if (value instanceof PyDict || value instanceof DictView) {
      List<Object> items = list(value, budget);
      Collections.reverse(items);
      return new PyIterator("dict_reverseiterator", items.iterator());
    }
    if (value instanceof String text) {
      List<Object> items = list(text, budget);
      Collections.reverse(items);
      return new PyIterator("reversed", items.iterator());
    }
    return value instanceof Undefined
        ? new PyIterator("reversed", Collections.emptyIterator())
        : null;
  }

  /** Returns {@code list(value)}, as a list that the caller may change. */
  public static List<Object> list(Object value, Budget budget) {
    if (value instanceof PySequence sequence) {
      budget.elements(sequence.items().size());
      return new ArrayList<>(sequence.items());
    }
    List<Object> items = new ArrayList<>();
    for (Iterator<Object> it = of(value, budget); it.hasNext(); ) {
      budget.elements(1);
      items.add(it.next());
    }
    return items;
  }
}
