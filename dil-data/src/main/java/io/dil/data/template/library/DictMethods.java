package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.DictView;
import io.dil.data.template.python.None;
import io.dil.data.template.python.PyDict;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The methods of dictionaries; none of them changes its dictionary. */
final class DictMethods {
  static final Map<String, Method<PyDict>> METHODS =
      Map.of(
          "get", DictMethods::get,
          "keys", (dict, arguments, budget) -> view(dict, DictView.Kind.KEYS, arguments),
          "values", (dict, arguments, budget) -> view(dict, DictView.Kind.VALUES, arguments),
          "items", (dict, arguments, budget) -> view(dict, DictView.Kind.ITEMS, arguments),
          "copy", DictMethods::copy);

  private DictMethods() {}

  /** Returns whether Python has it, offered here or not. */
  static boolean known(String name) {
    return METHODS.containsKey(name) || name.equals("fromkeys");
  }

  private static Object get(PyDict dict, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed("get", 1, 2);
    budget.read(bound[0] instanceof String key ? key.length() : 1);
    Object found = dict.get(Objects.requireNonNull(bound[0]));
    return found != null ? found : bound[1] != null ? bound[1] : None.NONE;
  }

  private static Object view(PyDict dict, DictView.Kind kind, Arguments arguments) {
    arguments.none("keys, values and items");
    return new DictView(dict, kind);
  }

  private static Object copy(PyDict dict, Arguments arguments, Budget budget) {
    arguments.none("copy");
    budget.elements(dict.size());
    PyDict copy = new PyDict();
    copy.putAll(dict);
    return copy;
  }
}
