package io.dil.data.template.library;

import io.dil.data.template.TemplateRefusal;
import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Function;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyNamespace;
import io.dil.data.template.python.PyObject;
import io.dil.data.template.python.PyRange;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.TimeFormat;
import io.dil.data.template.python.Undefined;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The one list of functions that every template has: Jinja's own and those of transformers. */
public final class Globals {
  private static final Map<String, Object> ALL =
      Map.of(
          "range", (Function) Globals::range,
          "dict", (Function) Globals::dict,
          "namespace", (Function) (a, b) -> new PyNamespace(dict(a, b)),
          "cycler", (Function) (a, b) -> new Cycler(a),
          "joiner", (Function) (a, b) -> new Joiner(a),
          "lipsum", (Function) Globals::lipsum,
          "raise_exception", (Function) Globals::raise,
          "strftime_now", (Function) Globals::now,
          "self", new Self());

  private Globals() {}

  /** Returns a function, or null if there is none of that name. */
  public static @Nullable Object named(String name) {
    return ALL.get(name);
  }

  private static Object range(Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed("range", 1, 3);
    long first = Numbers.index(bound[0], "range bound");
    if (bound[1] == null) {
      return PyRange.checked(0, first, 1);
    }
    long step = bound[2] == null ? 1 : Numbers.index(bound[2], "range step");
    return PyRange.checked(first, Numbers.index(bound[1], "range bound"), step);
  }

  private static PyDict dict(Arguments arguments, Budget budget) {
    PyDict dict = new PyDict();
    if (arguments.positional().size() > 1) {
      throw RenderError.type("dict expected at most 1 argument");
    }
    for (Object given : arguments.positional()) {
      if (given instanceof Undefined undefined) {
        throw undefined.used();
      }
      if (given instanceof PyDict other) {
        budget.elements(other.size());
        dict.putAll(other);
      } else {
        for (Object pair : Iteration.list(given, budget)) {
          List<Object> both = Iteration.list(pair, budget);
          if (both.size() != 2) {
            throw RenderError.value("dictionary update sequence element must have length 2");
          }
          dict.put(both.get(0), both.get(1));
        }
      }
    }
    arguments.named().forEach(dict::put);
    return dict;
  }

  private static Object lipsum(Arguments arguments, Budget budget) {
    throw RenderError.notOffered("function 'lipsum'");
  }

  @SuppressWarnings("DoNotCallSuggester") // Templates call it.
  private static Object raise(Arguments arguments, Budget budget) {
    Object message = Objects.requireNonNull(arguments.bind("raise_exception", "message")[0]);
    throw new TemplateRefusal(Repr.text(message, budget));
  }

  private static Object now(Arguments arguments, Budget budget) {
    Object format = arguments.bind("strftime_now", "format")[0];
    return TimeFormat.format(
        StringMethods.text(format, "time format"),
        LocalDateTime.now(ZoneId.systemDefault()),
        budget);
  }

  /** The template itself, whose blocks Jinja can write once more. */
  private static final class Self implements PyObject {
    @Override
    public String type() {
      return "TemplateReference";
    }

    @Override
    public Object attribute(String name) {
      throw RenderError.notOffered("'self." + name + "'");
    }
  }

  /** {@code cycler(…)}: gives its values one after the other, over and over. */
  private static final class Cycler implements PyObject {
    private final List<Object> items;
    private int at;

    Cycler(Arguments arguments) {
      if (!arguments.named().isEmpty()) {
        throw RenderError.type("cycler takes no keyword arguments");
      }
      items = List.copyOf(arguments.positional());
      if (items.isEmpty()) {
        throw RenderError.value("at least one item has to be provided");
      }
    }

    @Override
    public String type() {
      return "Cycler";
    }

    @Override
    public @Nullable Object attribute(String name) {
      return switch (name) {
        case "items" -> new PyTuple(items);
        case "pos" -> (long) at;
        case "current" -> items.get(at);
        case "next" ->
            (Function)
                (arguments, budget) -> {
                  arguments.none("next");
                  Object current = items.get(at);
                  at = (at + 1) % items.size();
                  return current;
                };
        case "reset" ->
            (Function)
                (arguments, budget) -> {
                  arguments.none("reset");
                  at = 0;
                  return None.NONE;
                };
        default -> null;
      };
    }
  }

  /** {@code joiner(…)}: nothing at the first call, the separator at the others. */
  private static final class Joiner implements Function, PyObject {
    private final Object separator;
    private boolean used;

    Joiner(Arguments arguments) {
      Object given = arguments.bind("joiner", "sep?")[0];
      separator = given == null ? ", " : given;
    }

    @Override
    public Object call(Arguments arguments, Budget budget) {
      arguments.none("joiner");
      boolean first = !used;
      used = true;
      return first ? "" : separator;
    }

    @Override
    public String type() {
      return "Joiner";
    }

    @Override
    public @Nullable Object attribute(String name) {
      return switch (name) {
        case "sep" -> separator;
        case "used" -> used;
        default -> null;
      };
    }
  }
}
