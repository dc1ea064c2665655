package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Equality;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.Ordering;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyIterator;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filters that order and group. */
final class SortFilters {
  private SortFilters() {}

  private record Keyed(Object key, Object value) {}

  private static boolean flag(@Nullable Object value) {
    return value != null && Types.truth(value);
  }

  private static PyList sorted(List<Keyed> items, boolean reverse, Budget budget) {
    Comparator<Object> order = Ordering.natural(budget);
    Ordering.sort(items, (a, b) -> order.compare(a.key, b.key), reverse);
    List<Object> values = new ArrayList<>(items.size());
    items.forEach(item -> values.add(item.value));
    return new PyList(values);
  }

  static Object sort(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("sort", "reverse?", "case_sensitive?", "attribute?");
    List<Getter> getters = new ArrayList<>();
    boolean fold = !flag(bound[1]);
    if (bound[2] instanceof String paths) {
      for (String path : paths.split(",", -1)) {
        getters.add(Getter.of(path, null, fold, budget));
      }
    } else {
      getters.add(Getter.of(bound[2], null, fold, budget));
    }
    List<Keyed> items = new ArrayList<>();
    for (Object item : Iteration.list(value, budget)) {
      List<Object> key = new ArrayList<>(getters.size());
      getters.forEach(getter -> key.add(getter.get(item)));
      items.add(new Keyed(new PyList(key), item));
    }
    return sorted(items, flag(bound[0]), budget);
  }

  static Object dictsort(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("dictsort", "case_sensitive?", "by?", "reverse?");
    Object by = bound[1] == null ? "key" : bound[1];
    if (!by.equals("key") && !by.equals("value")) {
      throw RenderError.value("you can only sort by either \"key\" or \"value\"");
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (!(value instanceof PyDict dict)) {
      throw RenderError.type("'" + Types.name(value) + "' object has no attribute 'items'");
    }
    Getter fold = Getter.of(null, null, !flag(bound[0]), budget);
    List<Keyed> items = new ArrayList<>();
    for (Map.Entry<Object, Object> entry : dict.entries()) {
      budget.elements(2);
      Object key = dict.key(entry);
      Object sorted = fold.get(by.equals("key") ? key : entry.getValue());
      items.add(new Keyed(sorted, PyTuple.of(key, entry.getValue())));
    }
    return sorted(items, flag(bound[2]), budget);
  }

  static Object unique(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("unique", "case_sensitive?", "attribute?");
    Getter getter = Getter.of(bound[1], null, !flag(bound[0]), budget);
    PyDict seen = new PyDict();
    Iterator<Object> items = Iteration.of(value, budget);
    return PyIterator.of(
        Iterators.filtered(
            items,
            item -> {
              Object key = getter.get(item);
              boolean isNew = !seen.has(key);
              budget.elements(1);
              seen.put(key, true);
              return isNew;
            },
            budget));
  }

  static Object extreme(Object value, Arguments arguments, boolean largest, Budget budget) {
    @Nullable Object[] bound =
        arguments.bind(largest ? "max" : "min", "case_sensitive?", "attribute?");
    Getter getter = Getter.of(bound[1], null, !flag(bound[0]), budget);
    Iterator<Object> items = Iteration.of(value, budget);
    if (!items.hasNext()) {
      return Undefined.because("No aggregated item, sequence was empty.");
    }
    Ordering.Sign better = largest ? Ordering.Sign.GREATER : Ordering.Sign.LESS;
    Object best = items.next();
    Object bestKey = getter.get(best);
    while (items.hasNext()) {
      Object item = items.next();
      Object key = getter.get(item);
      budget.step();
      if (Ordering.holds(key, better, bestKey, budget)) {
        best = item;
        bestKey = key;
      }
    }
    return best;
  }

  static Object groupby(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound =
        arguments.bind("groupby", "attribute", "default?", "case_sensitive?");
    boolean fold = !flag(bound[2]);
    Getter getter = Getter.of(bound[0], bound[1], fold, budget);
    Getter shown = Getter.of(bound[0], bound[1], false, budget);
    List<Keyed> items = new ArrayList<>();
    for (Object item : Iteration.list(value, budget)) {
      items.add(new Keyed(getter.get(item), item));
    }
    sorted(items, false, budget);
    List<Object> groups = new ArrayList<>();
    int from = 0;
    for (int to = 1; to <= items.size(); to++) {
      Object key = items.get(from).key;
      boolean same =
          to < items.size()
              && (items.get(to).key == key || Equality.equal(items.get(to).key, key, budget));
      if (!same) {
        List<Object> group = new ArrayList<>();
        items.subList(from, to).forEach(item -> group.add(item.value));
        budget.elements(group.size());
        Object name = fold ? shown.get(group.get(0)) : key;
        groups.add(new PyTuple(List.of(name, new PyList(group)), List.of("grouper", "list")));
        from = to;
      }
    }
    return new PyList(groups);
  }
}
