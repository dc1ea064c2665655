package io.dil.data.template.library;

import io.dil.data.template.python.Budget;
import io.dil.data.template.python.DictView;
import io.dil.data.template.python.Function;
import io.dil.data.template.python.Markup;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyIterator;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.PyNamespace;
import io.dil.data.template.python.PyObject;
import io.dil.data.template.python.PyRange;
import io.dil.data.template.python.PySequence;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Text;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code value.name} and {@code value[key]}, as Jinja's immutable sandbox looks them up. */
public final class Attributes {
  private static final Set<String> CHANGE_LISTS =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
  private static final Set<String> CHANGE_DICTS =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> NUMBERS =
      Set.of(
          "as_integer_ratio",
          "bit_count",
          "bit_length",
          "conjugate",
          "denominator",
          "from_bytes",
          "imag",
          "numerator",
          "real",
          "to_bytes",
          "fromhex",
          "hex",
          "is_integer");

  /** What every Python object has. */
  private static final Set<String> PRIVATE =
      Set.of(
          "__class__",
          "__dir__",
          "__doc__",
          "__init__",
          "__new__",
          "__eq__",
          "__ne__",
          "__hash__",
          "__repr__",
          "__str__",
          "__format__",
          "__reduce__",
          "__sizeof__",
          "__getattribute__",
          "__setattr__",
          "__delattr__",
          "__init_subclass__",
          "__subclasshook__",
          "__reduce_ex__",
          "__lt__",
          "__le__",
          "__gt__",
          "__ge__",
          "__len__",
          "__iter__",
          "__getitem__",
          "__contains__",
          "__add__",
          "__mul__",
          "__call__",
          "__name__",
          "__self__",
          "__module__",
          "__dict__",
          "__globals__",
          "__bool__",
          "__setitem__",
          "__delitem__",
          "__code__");

  private Attributes() {}

  /** Returns {@code value.name}: an attribute before an element. */
  public static Object attribute(Object value, String name, Budget budget) {
    budget.step();
    Object found = own(value, name);
    if (found != null) {
      return found;
    }
    Object element = element(value, name, budget);
    return element != null ? element : Undefined.of(value, name);
  }

  /** Returns {@code value[key]}: an element before an attribute. */
  public static Object item(Object value, Object key, Budget budget) {
    budget.step();
    Object element = element(value, key, budget);
    if (element == null && Types.text(key) instanceof String name) {
      element = own(value, name);
    }
    return element != null ? element : Undefined.of(value, key);
  }

  private static @Nullable Object element(Object value, Object key, Budget budget) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (value instanceof PyDict dict) {
      budget.read(key instanceof String text ? text.length() : 1);
      return key instanceof PyList || key instanceof PyDict ? null : dict.get(key);
    }
    if (!Numbers.isInt(key)) {
      return null;
    }
    long index = Numbers.bound(key, "index");
    if (value instanceof PySequence sequence) {
      int size = sequence.items().size();
      long at = index < 0 ? index + size : index;
      return at >= 0 && at < size ? sequence.items().get((int) at) : null;
    }
    if (Types.text(value) instanceof String text) {
      budget.read(text.length());
      if (value instanceof Markup) {
        throw RenderError.notOffered("indexing text that is marked safe");
      }
      int size = Text.length(text);
      long at = index < 0 ? index + size : index;
      if (at < 0 || at >= size) {
        return null;
      }
      int unit = Text.unit(text, at);
      return text.substring(unit, text.offsetByCodePoints(unit, 1));
    }
    if (value instanceof PyRange range) {
      long at = index < 0 ? index + range.size() : index;
      return at >= 0 && at < range.size() ? (Object) range.at(at) : null;
    }
    return null;
  }

  /** Returns what the type itself has under the name, or null. */
  private static @Nullable Object own(Object value, String name) {
    if (value instanceof Undefined undefined) {
      if (name.startsWith("__") && name.endsWith("__")) {
        return Undefined.unsafe(value, name);
      }
      throw undefined.used();
    }
    if (PRIVATE.contains(name)) {
      return Undefined.unsafe(value, name);
    }
    if (value instanceof PyDict dict) {
      if (CHANGE_DICTS.contains(name)) {
        return Undefined.unsafe(value, name);
      }
      return bound(value, name, DictMethods.known(name), DictMethods.METHODS.get(name), dict);
    }
    if (value instanceof String text) {
      return bound(value, name, StringMethods.known(name), StringMethods.METHODS.get(name), text);
    }
    if (value instanceof PySequence sequence) {
      return ofSequence(sequence, name);
    }
    if (value instanceof PyObject object) {
      Object found = object.attribute(name);
      return found != null && name.startsWith("_") ? Undefined.unsafe(value, name) : found;
    }
    if (value instanceof PyNamespace namespace) {
      Object found = namespace.attributes().get(name);
      return found != null && name.startsWith("_") ? Undefined.unsafe(value, name) : found;
    }
    if (value instanceof Markup) {
      throw RenderError.notOffered("'" + name + "' of text that is marked safe");
    }
    if (Numbers.isNumber(value) && NUMBERS.contains(name)) {
      throw RenderError.notOffered("'" + name + "' of a number");
    }
    return ofOther(value, name);
  }

  private static @Nullable Object ofSequence(PySequence sequence, String name) {
    if (sequence instanceof PyList && CHANGE_LISTS.contains(name)) {
      return Undefined.unsafe(sequence, name);
    }
    if (sequence instanceof PyTuple tuple) {
      int at = tuple.names().indexOf(name);
      if (at >= 0) {
        return tuple.items().get(at);
      }
    }
    boolean known = ListMethods.METHODS.containsKey(name);
    if (name.equals("copy") && sequence instanceof PyTuple) {
      return null;
    }
    return bound(sequence, name, known, ListMethods.METHODS.get(name), sequence);
  }

  private static @Nullable Object ofOther(Object value, String name) {
    if (value instanceof PyRange range) {
      return switch (name) {
        case "start" -> range.start();
        case "stop" -> range.stop();
        case "step" -> range.step();
        case "count", "index" -> throw RenderError.notOffered("'" + name + "' of a range");
        default -> null;
      };
    }
    boolean hidden =
        (value instanceof DictView && (name.equals("mapping") || name.equals("isdisjoint")))
            || (value instanceof PyIterator && name.matches("gi_.*|send|throw|close"));
    if (hidden || (value instanceof Function && name.startsWith("__"))) {
      throw RenderError.notOffered("'" + name + "' of a " + Types.name(value));
    }
    return null;
  }

  private static <T> @Nullable Object bound(
      Object value, String name, boolean known, @Nullable Method<T> method, T owner) {
    if (method == null) {
      if (known) {
        throw RenderError.notOffered("method '" + name + "' of a " + Types.name(value));
      }
      return null;
    }
    return (Function) (arguments, budget) -> method.call(owner, arguments, budget);
  }

  /** Returns {@code value(…)}. */
  public static Object call(
      Object value, io.dil.data.template.python.Arguments arguments, Budget budget) {
    if (value instanceof Function function) {
      return function.call(arguments, budget);
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    String type = value == None.NONE ? "NoneType" : Types.name(value);
    throw RenderError.type("'" + type + "' object is not callable");
  }
}
