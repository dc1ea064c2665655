package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyIterator;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The filters that look at attributes, and those that apply filters and tests to elements. */
final class LookupFilters {
  private LookupFilters() {}

  static Object otherwise(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("default", "default_value?", "boolean?");
    boolean falseToo = bound[1] != null && Types.truth(bound[1]);
    if (value instanceof Undefined || (falseToo && !Types.truth(value))) {
      return bound[0] == null ? "" : bound[0];
    }
    return value;
  }

  static Object attr(Object value, Arguments arguments, Budget budget) {
    Object name = Objects.requireNonNull(arguments.bind("attr", "name")[0]);
    String attribute = StringMethods.text(name, "attribute name");
    if (value instanceof PyDict dict && dict.get(attribute) != null) {
      // Only what is no entry counts as an attribute.
      Object found = Attributes.attribute(value, attribute, budget);
      return found == dict.get(attribute) ? Undefined.of(value, attribute) : found;
    }
    return Attributes.attribute(value, attribute, budget);
  }

  static Object map(Object value, Arguments arguments, Budget budget) {
    return lazily(
        value,
        () -> {
          UnaryOperator<Object> change = change(arguments, budget);
          Iterator<Object> items = Iteration.of(value, budget);
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return items.hasNext();
            }

            @Override
            public Object next() {
              budget.step();
              return change.apply(items.next());
            }
          };
        });
  }

  private static UnaryOperator<Object> change(Arguments arguments, Budget budget) {
    Map<String, Object> named = arguments.named();
    if (arguments.positional().isEmpty() && named.containsKey("attribute")) {
      for (String name : named.keySet()) {
        if (!name.equals("attribute") && !name.equals("default")) {
          throw RenderError.value("map takes no keyword argument '" + name + "'");
        }
      }
      Getter getter = Getter.of(named.get("attribute"), named.get("default"), false, budget);
      return getter::get;
    }
    if (arguments.positional().isEmpty()) {
      throw RenderError.value("map requires a filter argument");
    }
    Filter filter = Filters.named(name(arguments.positional().get(0)));
    Arguments rest = after(arguments, 1);
    return item -> filter.apply(item, rest, budget);
  }

  private static String name(Object name) {
    if (name instanceof String text) {
      return text;
    }
    throw RenderError.value("no filter or test of such a name");
  }

  private static Arguments after(Arguments arguments, int first) {
    List<Object> all = arguments.positional();
    return new Arguments(all.subList(Math.min(first, all.size()), all.size()), arguments.named());
  }

  static Object select(
      Object value, Arguments arguments, boolean wanted, boolean byAttribute, Budget budget) {
    return lazily(
        value,
        () -> {
          Predicate<Object> test = test(arguments, byAttribute, budget);
          Iterator<Object> items = Iteration.of(value, budget);
          return Iterators.filtered(items, item -> test.test(item) == wanted, budget);
        });
  }

  private static Predicate<Object> test(Arguments arguments, boolean byAttribute, Budget budget) {
    List<Object> given = arguments.positional();
    int first = byAttribute ? 1 : 0;
    if (given.size() < first) {
      throw RenderError.value("missing parameter for attribute name");
    }
    Getter getter = Getter.of(byAttribute ? given.get(0) : null, null, false, budget);
    if (given.size() == first) {
      return item -> Types.truth(getter.get(item));
    }
    Test test = Tests.named(name(given.get(first)));
    Arguments rest = after(arguments, first + 1);
    return item -> test.passes(getter.get(item), rest, budget);
  }

  /**
   * As generators have it: nothing happens, and nothing fails, before the first value is asked for.
   */
  private static Object lazily(Object value, Supplier<Iterator<Object>> start) {
    return PyIterator.of(
        new Iterator<>() {
          private @Nullable Iterator<Object> started;

          private Iterator<Object> items() {
            Iterator<Object> items = started;
            if (items == null) {
              items = Types.truth(value) ? start.get() : Collections.emptyIterator();
              started = items;
            }
            return items;
          }

          @Override
          public boolean hasNext() {
            return items().hasNext();
          }

          @Override
          public Object next() {
            return items().next();
          }
        });
  }
}
