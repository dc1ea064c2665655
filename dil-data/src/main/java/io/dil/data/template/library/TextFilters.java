package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Arithmetic;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.Json;
import io.dil.data.template.python.Markup;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PySequence;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Text;
import io.dil.data.template.python.Types;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The filters that make text. */
final class TextFilters {
  private TextFilters() {}

  /** Returns a value as text; what is marked safe keeps its mark in Jinja and is refused here. */
  private static String soft(Object value, Budget budget) {
    if (value instanceof Markup) {
      throw RenderError.notOffered("a filter of text on text that is marked safe");
    }
    return Repr.text(value, budget);
  }

  /** Makes a filter without arguments. */
  static Method<Object> plain(UnaryOperator<String> change) {
    return (value, arguments, budget) -> {
      arguments.none("filter");
      String text = soft(value, budget);
      budget.text(text.length());
      return change.apply(text);
    };
  }

  /** Every word, by white space and opening brackets, with a first letter in upper case. */
  static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean start = true;
    for (int c : text.codePoints().toArray()) {
      boolean separator = Text.isSpace(c) || "-({[<".indexOf(c) >= 0;
      String one = Character.toString(c);
      out.append(start || separator ? Letters.upper(one) : Letters.lower(one));
      start = separator;
    }
    return out.toString();
  }

  static Object center(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("center", "width?");
    long width = bound[0] == null ? 80 : Numbers.index(bound[0], "width");
    return StringMethods.padded(soft(value, budget), width, " ", "center", budget);
  }

  static Object escape(Object value, Arguments arguments, Budget budget) {
    arguments.none("escape");
    if (value instanceof Markup) {
      return value;
    }
    String text = Repr.text(value, budget);
    budget.text(6L * text.length());
    return new Markup(Markup.escape(text));
  }

  static Object format(Object value, Arguments arguments, Budget budget) {
    if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
      throw RenderError.value("can't handle positional and keyword arguments at the same time");
    }
    Object values;
    if (arguments.named().isEmpty()) {
      values = new PyTuple(arguments.positional());
    } else {
      PyDict dict = new PyDict();
      arguments.named().forEach(dict::put);
      values = dict;
    }
    return Arithmetic.compute(soft(value, budget), Arithmetic.Operator.MODULO, values, budget);
  }

  static Object trim(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("trim", "chars?");
    String chars =
        bound[0] == null || bound[0] == None.NONE ? null : StringMethods.text(bound[0], "chars");
    return StringMethods.stripped(soft(value, budget), chars, true, true, budget);
  }

  static Object replace(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("replace", "old", "new", "count?");
    long count = bound[2] == null || bound[2] == None.NONE ? -1 : Numbers.index(bound[2], "count");
    return StringMethods.replaced(
        Repr.text(value, budget),
        Repr.text(Objects.requireNonNull(bound[0]), budget),
        Repr.text(Objects.requireNonNull(bound[1]), budget),
        count,
        budget);
  }

  static Object join(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("join", "d?", "attribute?");
    String separator = bound[0] == null ? "" : Repr.text(bound[0], budget);
    Getter getter = Getter.of(bound[1], null, false, budget);
    List<String> parts = new ArrayList<>();
    for (Iterator<Object> it = Iteration.of(value, budget); it.hasNext(); ) {
      budget.elements(1);
      parts.add(Repr.text(getter.get(it.next()), budget));
    }
    return StringMethods.joined(separator, parts, budget);
  }

  static Object indent(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("indent", "width?", "first?", "blank?");
    String space = " ".repeat(4);
    if (bound[0] instanceof String given) {
      space = given;
    } else if (bound[0] != null) {
      space = Text.repeat(" ", Numbers.index(bound[0], "width"), budget);
    }
    if (value instanceof Markup) {
      throw RenderError.notOffered("filter 'indent' on text that is marked safe");
    }
    // Anything but text cannot be added to a line break.
    String text = (String) Arithmetic.compute(value, Arithmetic.Operator.ADD, "\n", budget);
    List<String> lines = Splitting.lines(text, false);
    budget.text(text.length() + (long) space.length() * lines.size());
    boolean blank = bound[2] != null && Types.truth(bound[2]);
    StringBuilder out = new StringBuilder();
    if (bound[1] != null && Types.truth(bound[1])) {
      out.append(space);
    }
    for (int i = 0; i < lines.size(); i++) {
      if (i > 0) {
        out.append('\n').append(blank || !lines.get(i).isEmpty() ? space : "");
      }
      out.append(lines.get(i));
    }
    return out.toString();
  }

  static Object truncate(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound =
        arguments.bind("truncate", "length?", "killwords?", "end?", "leeway?");
    long length = bound[0] == null ? 255 : Numbers.index(bound[0], "length");
    String end = bound[2] == null ? "..." : StringMethods.text(bound[2], "end");
    long leeway = bound[3] == null || bound[3] == None.NONE ? 5 : Numbers.index(bound[3], "leeway");
    if (length < Text.length(end) || leeway < 0) {
      throw RenderError.value("length must be at least that of the end, and leeway 0");
    }
    if (!(value instanceof String text)) {
      throw RenderError.notOffered("filter 'truncate' on a " + Types.name(value));
    }
    if (Types.length(text, budget) <= length + leeway) {
      return text;
    }
    String cut = text.substring(0, Text.unit(text, length - Text.length(end)));
    budget.text((long) cut.length() + end.length());
    if (bound[1] != null && Types.truth(bound[1])) {
      return cut + end;
    }
    int space = cut.lastIndexOf(' ');
    return (space < 0 ? cut : cut.substring(0, space)) + end;
  }

  static Object wordcount(Object value, Arguments arguments, Budget budget) {
    arguments.none("wordcount");
    String text = soft(value, budget);
    budget.text(text.length());
    long words = 0;
    boolean inside = false;
    for (int c : text.codePoints().toArray()) {
      boolean word = Text.isWord(c);
      words += word && !inside ? 1 : 0;
      inside = word;
    }
    return words;
  }

  /** As transformers replaces it: Python's spacing, nothing escaped that JSON allows. */
  static Object tojson(Object value, Arguments arguments, Budget budget) {
    @Nullable Object[] bound =
        arguments.bind("tojson", "ensure_ascii?", "indent?", "separators?", "sort_keys?");
    String indent = null;
    if (Types.text(bound[1]) instanceof String given) {
      indent = given;
    } else if (bound[1] != null && bound[1] != None.NONE) {
      indent = Text.repeat(" ", Numbers.index(bound[1], "indent"), budget);
    }
    String items = indent == null ? ", " : ",";
    String keys = ": ";
    if (bound[2] != null && bound[2] != None.NONE) {
      if (!(bound[2] instanceof PySequence both) || both.items().size() != 2) {
        throw RenderError.value("separators must be two texts");
      }
      items = StringMethods.text(both.items().get(0), "separator");
      keys = StringMethods.text(both.items().get(1), "separator");
    }
    boolean ascii = bound[0] != null && Types.truth(bound[0]);
    boolean sorted = bound[3] != null && Types.truth(bound[3]);
    return new Json(ascii, indent, items, keys, sorted, budget).write(value);
  }
}
