package io.dil.data.template.jinja;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Equality;
import io.dil.data.template.python.Function;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.PyIterator;
import io.dil.data.template.python.PyObject;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop}: looks ahead only when it is asked to, as jinja2's does. */
final class Loop implements PyObject, Function {
  private final Object source;
  private final Budget budget;
  private final long depth;
  private final @Nullable Recursion recursion;
  private Iterator<Object> items;
  private long index0 = -1;
  private long length = -1;
  private @Nullable Object ahead;
  private @Nullable Object current;
  private @Nullable Object before;
  private @Nullable PyTuple changed;

  /** Renders a recursive loop's body for other items, one level deeper. */
  interface Recursion {
    String render(Object items, long depth);
  }

  Loop(
      Object source,
      Iterator<Object> items,
      long depth,
      @Nullable Recursion recursion,
      Budget budget) {
    this.source = source;
    this.items = items;
    this.depth = depth;
    this.recursion = recursion;
    this.budget = budget;
  }

  /** Goes to the next item; returns null after the last. */
  @Nullable Object next() {
    Object next = peek();
    if (next == null) {
      return null;
    }
    ahead = null;
    index0++;
    before = current;
    current = next;
    return next;
  }

  private @Nullable Object peek() {
    if (ahead == null && items.hasNext()) {
      ahead = items.next();
    }
    return ahead;
  }

  private long length() {
    if (length < 0) {
      if (source instanceof PyIterator) {
        List<Object> rest = Iteration.list(PyIterator.of(items), budget);
        items = rest.iterator();
        length = rest.size() + index0 + 1 + (ahead == null ? 0 : 1);
      } else {
        length = Types.length(source, budget);
      }
    }
    return length;
  }

  @Override
  public @Nullable Object attribute(String name) {
    return switch (name) {
      case "index" -> index0 + 1;
      case "index0" -> index0;
      case "revindex" -> length() - index0;
      case "revindex0" -> length() - index0 - 1;
      case "first" -> index0 == 0;
      case "last" -> peek() == null;
      case "length" -> length();
      case "depth" -> depth + 1;
      case "depth0" -> depth;
      case "previtem" -> index0 == 0 ? Undefined.because("there is no previous item") : before;
      case "nextitem" ->
          Objects.requireNonNullElseGet(peek(), () -> Undefined.because("there is no next item"));
      case "cycle" -> (Function) this::cycle;
      case "changed" -> (Function) this::changed;
      default -> null;
    };
  }

  private Object cycle(Arguments arguments, Budget unused) {
    List<Object> values = arguments.positional();
    if (values.isEmpty() || !arguments.named().isEmpty()) {
      throw RenderError.type("no items for cycling given");
    }
    return values.get((int) (index0 % values.size()));
  }

  private Object changed(Arguments arguments, Budget unused) {
    if (!arguments.named().isEmpty()) {
      throw RenderError.type("changed() takes no keyword arguments");
    }
    PyTuple values = new PyTuple(arguments.positional());
    if (changed != null && Equality.equal(changed, values, budget)) {
      return false;
    }
    changed = values;
    return true;
  }

  @Override
  public Object call(Arguments arguments, Budget unused) {
    Object inner = Objects.requireNonNull(arguments.bind("loop", "iterable")[0]);
    if (recursion == null) {
      throw RenderError.type("the loop must be marked 'recursive' to be called recursively");
    }
    return recursion.render(inner, depth + 1);
  }

  @Override
  public String type() {
    return "LoopContext";
  }

  @Override
  public String shown(Budget unused) {
    return "<LoopContext " + (index0 + 1) + "/" + length() + ">";
  }
}
