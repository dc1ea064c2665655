package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.DictView;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.Markup;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyIterator;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The filters that take lists apart. */
final class ListFilters {
  private ListFilters() {}

  static Object first(Object value, Arguments arguments, Budget budget) {
    arguments.none("first");
    Iterator<Object> items = Iteration.of(value, budget);
    return items.hasNext() ? items.next() : Undefined.because("No first item, sequence was empty.");
  }

  static Object last(Object value, Arguments arguments, Budget budget) {
    arguments.none("last");
    PyIterator items = Iteration.reversed(value, budget);
    if (items == null) {
      throw RenderError.type("'" + Types.name(value) + "' object is not reversible");
    }
    return items.values().hasNext()
        ? items.values().next()
        : Undefined.because("No last item, sequence was empty.");
  }

  static Object reverse(Object value, Arguments arguments, Budget budget) {
    arguments.none("reverse");
    if (value instanceof String text) {
      budget.text(text.length());
      StringBuilder out = new StringBuilder();
      int[] points = text.codePoints().toArray();
      for (int i = points.length - 1; i >= 0; i--) {
        out.appendCodePoint(points[i]);
      }
      return out.toString();
    }
    if (value instanceof Markup) {
      throw RenderError.notOffered("filter 'reverse' on text that is marked safe");
    }
    PyIterator backwards = Iteration.reversed(value, budget);
    if (backwards != null) {
      return backwards;
    }
    List<Object> items = Iteration.list(value, budget);
    Collections.reverse(items);
    return new PyList(items);
  }

  static Object items(Object value, Arguments arguments, Budget budget) {
    arguments.none("items");
    if (value instanceof Undefined) {
      return PyIterator.of(Collections.emptyIterator());
    }
    if (!(value instanceof PyDict dict)) {
      // Python's generator would say so only when it is asked for a value; nobody makes one not to.
      throw RenderError.type("can only get item pairs from a mapping");
    }
    return PyIterator.of(new DictView(dict, DictView.Kind.ITEMS).iterator());
  }

  static Object batch(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("batch", "linecount", "fill_with?");
    long size = Numbers.index(bound[0], "linecount");
    if (size < 1) {
      throw RenderError.notOffered("batches of " + size);
    }
    List<Object> batches = new ArrayList<>();
    List<Object> batch = new ArrayList<>();
    for (Object item : Iteration.list(value, budget)) {
      if (batch.size() == size) {
        batches.add(new PyList(batch));
        batch = new ArrayList<>();
      }
      batch.add(item);
    }
    if (!batch.isEmpty()) {
      if (bound[1] != null && bound[1] != None.NONE && batch.size() < size) {
        budget.elements(size - batch.size());
        batch.addAll(Collections.nCopies((int) (size - batch.size()), bound[1]));
      }
      batches.add(new PyList(batch));
    }
    budget.elements(batches.size());
    return PyIterator.of(batches.iterator());
  }

  static Object slice(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("slice", "slices", "fill_with?");
    List<Object> items = Iteration.list(value, budget);
    long slices = Numbers.index(bound[0], "slices");
    if (slices < 1) {
      throw RenderError.notOffered("a slice into " + slices);
    }
    budget.elements(slices);
    int each = (int) (items.size() / slices);
    int extra = (int) (items.size() % slices);
    List<Object> result = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < slices; i++) {
      int to = from + each + (i < extra ? 1 : 0);
      List<Object> part = new ArrayList<>(items.subList(from, to));
      if (bound[1] != null && bound[1] != None.NONE && i >= extra) {
        budget.elements(1);
        part.add(bound[1]);
      }
      result.add(new PyList(part));
      from = to;
    }
    return PyIterator.of(result.iterator());
  }
}
