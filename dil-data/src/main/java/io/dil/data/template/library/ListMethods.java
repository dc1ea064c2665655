package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Equality;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.PySequence;
import io.dil.data.template.python.RenderError;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The methods of lists and tuples; none of them changes its list. */
final class ListMethods {
  static final Map<String, Method<PySequence>> METHODS =
      Map.of(
          "count", ListMethods::count,
          "index", ListMethods::index,
          "copy", ListMethods::copy);

  private ListMethods() {}

  private static Object count(PySequence list, Arguments arguments, Budget budget) {
    Object wanted = Objects.requireNonNull(arguments.unnamed("count", 1, 1)[0]);
    long found = 0;
    for (Object item : list.items()) {
      budget.step();
      found += item == wanted || Equality.equal(item, wanted, budget) ? 1 : 0;
    }
    return found;
  }

  private static Object index(PySequence list, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed("index", 1, 3);
    Object wanted = Objects.requireNonNull(bound[0]);
    List<Object> items = list.items();
    long from = bound[1] == null ? 0 : place(bound[1], items.size());
    long to = bound[2] == null ? items.size() : place(bound[2], items.size());
    for (long i = from; i < Math.min(to, items.size()); i++) {
      budget.step();
      Object item = items.get((int) i);
      if (item == wanted || Equality.equal(item, wanted, budget)) {
        return i;
      }
    }
    throw RenderError.value("value is not in list");
  }

  private static long place(Object index, int size) {
    long at = Numbers.bound(index, "index");
    return at < 0 ? Math.max(0, at + size) : at;
  }

  private static Object copy(PySequence list, Arguments arguments, Budget budget) {
    arguments.none("copy");
    budget.elements(list.items().size());
    return new PyList(list.items());
  }
}
