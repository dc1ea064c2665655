package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.PyTuple;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Search;
import io.dil.data.template.python.Text;
import io.dil.data.template.python.Types;
import io.dil.data.template.python.Undefined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The methods of text. */
final class StringMethods {
  static final Map<String, Method<String>> METHODS = new HashMap<>();
  private static final Set<String> NOT_OFFERED = Set.of("encode", "maketrans", "translate");

  static {
    METHODS.put("capitalize", plain("capitalize", Letters::capitalize));
    METHODS.put("casefold", plain("casefold", Letters::casefold));
    METHODS.put("lower", plain("lower", Letters::lower));
    METHODS.put("swapcase", plain("swapcase", Letters::swapcase));
    METHODS.put("title", plain("title", Letters::title));
    METHODS.put("upper", plain("upper", Letters::upper));
    METHODS.put("isalnum", plain("isalnum", Letters::isAlnum));
    METHODS.put("isalpha", plain("isalpha", Letters::isAlpha));
    METHODS.put("isascii", plain("isascii", Letters::isAscii));
    METHODS.put("isdecimal", plain("isdecimal", Letters::isDecimal));
    METHODS.put("isdigit", plain("isdigit", Letters::isDigit));
    METHODS.put("isidentifier", plain("isidentifier", Letters::isIdentifier));
    METHODS.put("islower", plain("islower", Letters::isLower));
    METHODS.put("isnumeric", plain("isnumeric", Letters::isNumeric));
    METHODS.put("isprintable", plain("isprintable", Letters::isPrintable));
    METHODS.put("isspace", plain("isspace", Letters::isSpace));
    METHODS.put("istitle", plain("istitle", Letters::isTitle));
    METHODS.put("isupper", plain("isupper", Letters::isUpper));
    METHODS.put("strip", (s, a, b) -> strip(s, a, true, true, b));
    METHODS.put("lstrip", (s, a, b) -> strip(s, a, true, false, b));
    METHODS.put("rstrip", (s, a, b) -> strip(s, a, false, true, b));
    METHODS.put("center", (s, a, b) -> pad(s, a, "center", b));
    METHODS.put("ljust", (s, a, b) -> pad(s, a, "ljust", b));
    METHODS.put("rjust", (s, a, b) -> pad(s, a, "rjust", b));
    METHODS.put("zfill", StringMethods::zfill);
    METHODS.put("expandtabs", StringMethods::expandTabs);
    METHODS.put("startswith", (s, a, b) -> affix(s, a, true, b));
    METHODS.put("endswith", (s, a, b) -> affix(s, a, false, b));
    METHODS.put("removeprefix", (s, a, b) -> remove(s, a, true, b));
    METHODS.put("removesuffix", (s, a, b) -> remove(s, a, false, b));
    METHODS.put("find", (s, a, b) -> Places.find(s, a, "find", b));
    METHODS.put("index", (s, a, b) -> Places.find(s, a, "index", b));
    METHODS.put("rfind", (s, a, b) -> Places.find(s, a, "rfind", b));
    METHODS.put("rindex", (s, a, b) -> Places.find(s, a, "rindex", b));
    METHODS.put("count", Places::count);
    METHODS.put("partition", (s, a, b) -> partition(s, a, true, b));
    METHODS.put("rpartition", (s, a, b) -> partition(s, a, false, b));
    METHODS.put("split", (s, a, b) -> Splitting.split(s, a, false, b));
    METHODS.put("rsplit", (s, a, b) -> Splitting.split(s, a, true, b));
    METHODS.put("splitlines", Splitting::lines);
    METHODS.put("join", StringMethods::join);
    METHODS.put("replace", StringMethods::replace);
    METHODS.put("format", BraceFormat::format);
    METHODS.put("format_map", StringMethods::formatMap);
  }

  private StringMethods() {}

  /** Returns whether Python has it, offered here or not. */
  static boolean known(String name) {
    return METHODS.containsKey(name) || NOT_OFFERED.contains(name);
  }

  private static Method<String> plain(String name, Function<String, Object> method) {
    return (text, arguments, budget) -> {
      arguments.unnamed(name, 0, 0);
      budget.text(text.length());
      return method.apply(text);
    };
  }

  /** Returns an argument that must be text. */
  static String text(@Nullable Object value, String what) {
    if (Types.text(value) instanceof String text) {
      return text;
    }
    if (value instanceof Undefined) {
      // Python's own methods ask for the type alone.
      throw RenderError.type(what + " must be str, not Undefined");
    }
    throw RenderError.type(
        what + " must be str, not " + (value == null ? "nothing" : Types.name(value)));
  }

  private static Object strip(
      String text, Arguments arguments, boolean left, boolean right, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed("strip", 0, 1);
    String chars = bound[0] == null || bound[0] == None.NONE ? null : text(bound[0], "strip arg");
    return stripped(text, chars, left, right, budget);
  }

  /** Takes characters off the ends; white space if none are named. */
  static String stripped(
      String text, @Nullable String chars, boolean left, boolean right, Budget budget) {
    int from = 0;
    int to = text.length();
    while (left && from < to) {
      int c = text.codePointAt(from);
      if (!taken(c, chars, budget)) {
        break;
      }
      from += Character.charCount(c);
    }
    while (right && to > from) {
      int c = text.codePointBefore(to);
      if (!taken(c, chars, budget)) {
        break;
      }
      to -= Character.charCount(c);
    }
    budget.text(to - from);
    return text.substring(from, to);
  }

  private static boolean taken(int c, @Nullable String chars, Budget budget) {
    if (chars == null) {
      budget.step();
      return Text.isSpace(c);
    }
    budget.read(chars.length());
    return chars.indexOf(c) >= 0;
  }

  private static Object pad(String text, Arguments arguments, String how, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed(how, 1, 2);
    String fill = bound[1] == null ? " " : text(bound[1], "the fill character");
    if (Text.length(fill) != 1) {
      throw RenderError.type("the fill character must be exactly one character long");
    }
    return padded(text, Numbers.index(bound[0], "width"), fill, how, budget);
  }

  /** Fills a text up to a width. */
  static String padded(String text, long width, String fill, String how, Budget budget) {
    budget.text(Math.max(width, text.length()));
    int missing = (int) Math.max(0, width - Text.length(text));
    if (missing == 0) {
      return text;
    }
    // CPython's own rule for what cannot be halved.
    int left =
        switch (how) {
          case "center" -> missing / 2 + (int) (missing & width & 1);
          case "ljust" -> 0;
          default -> missing;
        };
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }

  private static Object zfill(String text, Arguments arguments, Budget budget) {
    long width = Numbers.index(arguments.unnamed("zfill", 1, 1)[0], "width");
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String sign = signed ? text.substring(0, 1) : "";
    return sign
        + padded(text.substring(sign.length()), width - sign.length(), "0", "rjust", budget);
  }

  private static Object expandTabs(String text, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.bind("expandtabs", "tabsize?");
    long size = bound[0] == null ? 8 : Numbers.index(bound[0], "tabsize");
    budget.text(
        Math.min(Integer.MAX_VALUE, Math.max(size, 1))
            * (1 + text.chars().filter(c -> c == '\t').count()));
    StringBuilder out = new StringBuilder();
    long column = 0;
    for (int c : text.codePoints().toArray()) {
      if (c == '\t') {
        long spaces = size > 0 ? size - column % size : 0;
        out.append(" ".repeat((int) spaces));
        column += spaces;
      } else {
        out.appendCodePoint(c);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
      }
    }
    return out.toString();
  }

  private static Object affix(String text, Arguments arguments, boolean start, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed(start ? "startswith" : "endswith", 1, 3);
    Places.Window window = Places.Window.of(text, bound[1], bound[2], budget);
    List<Object> wanted =
        bound[0] instanceof PyTuple tuple
            ? tuple.items()
            : List.of(Objects.requireNonNull(bound[0]));
    for (Object one : wanted) {
      String part = text(one, "the first argument");
      budget.read(part.length());
      if (window.valid()
          && (start
              ? text.startsWith(part, window.from()) && window.from() + part.length() <= window.to()
              : window.to() - part.length() >= window.from()
                  && text.startsWith(part, window.to() - part.length()))) {
        return true;
      }
    }
    return false;
  }

  private static Object remove(String text, Arguments arguments, boolean start, Budget budget) {
    String part = text(arguments.unnamed("removeprefix", 1, 1)[0], "the argument");
    budget.text(text.length());
    if (start) {
      return text.startsWith(part) ? text.substring(part.length()) : text;
    }
    return text.endsWith(part) ? text.substring(0, text.length() - part.length()) : text;
  }

  private static Object partition(String text, Arguments arguments, boolean first, Budget budget) {
    String mark = text(arguments.unnamed("partition", 1, 1)[0], "the separator");
    if (mark.isEmpty()) {
      throw RenderError.value("empty separator");
    }
    int at =
        first
            ? Search.first(text, mark, 0, budget)
            : Search.last(text, mark, text.length(), budget);
    budget.text(text.length());
    if (at < 0) {
      return first ? PyTuple.of(text, "", "") : PyTuple.of("", "", text);
    }
    return PyTuple.of(text.substring(0, at), mark, text.substring(at + mark.length()));
  }

  private static Object join(String text, Arguments arguments, Budget budget) {
    Object values = Objects.requireNonNull(arguments.unnamed("join", 1, 1)[0]);
    List<String> parts = new ArrayList<>();
    for (Iterator<Object> it = Iteration.of(values, budget); it.hasNext(); ) {
      Object part = it.next();
      budget.elements(1);
      if (!(Types.text(part) instanceof String shown)) {
        throw RenderError.type(
            "sequence item " + parts.size() + ": expected str, " + Types.name(part) + " found");
      }
      parts.add(shown);
    }
    return joined(text, parts, budget);
  }

  /** Puts texts together. */
  static String joined(String separator, List<String> parts, Budget budget) {
    long length = (long) separator.length() * Math.max(0, parts.size() - 1);
    for (String part : parts) {
      length += part.length();
    }
    budget.text(length);
    return String.join(separator, parts);
  }

  private static Object replace(String text, Arguments arguments, Budget budget) {
    @Nullable Object[] bound = arguments.unnamed("replace", 2, 3);
    long count = bound[2] == null ? -1 : Numbers.index(bound[2], "count");
    return replaced(
        text,
        text(bound[0], "replace() argument 1"),
        text(bound[1], "replace() argument 2"),
        count,
        budget);
  }

  /**
   * Replaces a part of a text wherever it stands, at most {@code count} times if that is not
   * negative.
   */
  static String replaced(String text, String old, String young, long count, Budget budget) {
    long left = count < 0 ? Long.MAX_VALUE : count;
    StringBuilder out = new StringBuilder();
    int from = 0;
    if (old.isEmpty()) {
      for (int at = 0; left > 0; left--) {
        room(out, young, budget);
        out.append(young);
        if (at >= text.length()) {
          break;
        }
        from = text.offsetByCodePoints(at, 1);
        out.append(text, at, from);
        at = from;
      }
    } else {
      for (int at = Search.first(text, old, 0, budget);
          at >= 0 && left > 0;
          at = left > 0 ? Search.first(text, old, from, budget) : -1) {
        room(out, young, budget);
        out.append(text, from, at).append(young);
        from = at + old.length();
        left--;
      }
    }
    budget.text((long) out.length() + text.length() - from);
    return out.append(text, from, text.length()).toString();
  }

  private static void room(StringBuilder out, String more, Budget budget) {
    budget.step();
    if ((long) out.length() + more.length() > Budget.LONGEST_TEXT) {
      budget.text((long) out.length() + more.length());
    }
  }

  private static Object formatMap(String text, Arguments arguments, Budget budget) {
    Object map = arguments.unnamed("format_map", 1, 1)[0];
    if (!(map instanceof PyDict dict)) {
      throw RenderError.notOffered("format_map of anything but a dict");
    }
    Map<String, Object> named = new HashMap<>();
    for (Map.Entry<Object, Object> entry : dict.entries()) {
      if (dict.key(entry) instanceof String name) {
        named.put(name, entry.getValue());
      }
    }
    return BraceFormat.format(text, new Arguments(List.of(), named), budget);
  }

  /** Makes a list of texts. */
  static PyList list(List<String> texts, Budget budget) {
    budget.elements(texts.size());
    return new PyList(new ArrayList<>(texts));
  }
}
