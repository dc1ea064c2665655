package io.dil.data.template.library;

import io.dil.data.template.python.Arguments;
import io.dil.data.template.python.Budget;
import io.dil.data.template.python.FormatSpec;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;

/** {@code '{} {name}'.format(…)}, with the sandbox's look-up of attributes. */
final class BraceFormat {
  private static final int DEEPEST = 2;

  private final Arguments arguments;
  private final Budget budget;

  /** The next number that {@code {}} stands for; -1 after a number has been given. */
  private int automatic;

  private BraceFormat(Arguments arguments, Budget budget) {
    this.arguments = arguments;
    this.budget = budget;
  }

  static Object format(String format, Arguments arguments, Budget budget) {
    return new BraceFormat(arguments, budget).fill(format, DEEPEST);
  }

  private String fill(String format, int depth) {
    if (depth == 0) {
      throw RenderError.value("max string recursion exceeded");
    }
    budget.read(format.length());
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '{' && c != '}') {
        out.append(c);
      } else if (at < format.length() && format.charAt(at) == c) {
        out.append(c);
        at++;
      } else if (c == '}') {
        throw RenderError.value("single '}' encountered in format string");
      } else {
        int end = end(format, at);
        out.append(field(format.substring(at, end), depth));
        at = end + 1;
      }
      if (out.length() > Budget.LONGEST_TEXT) {
        budget.text(out.length());
      }
    }
    budget.text(out.length());
    return out.toString();
  }

  private static int end(String format, int from) {
    int depth = 1;
    boolean bracket = false;
    for (int at = from; at < format.length(); at++) {
      char c = format.charAt(at);
      if (bracket) {
        bracket = c != ']';
      } else if (c == '[') {
        bracket = true;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return at;
      }
    }
    throw RenderError.value("expected '}' before end of string");
  }

  private String field(String field, int depth) {
    int colon = -1;
    int mark = -1;
    boolean bracket = false;
    for (int i = 0; i < field.length() && colon < 0; i++) {
      char c = field.charAt(i);
      if (bracket) {
        bracket = c != ']';
      } else if (c == '[') {
        bracket = true;
      } else if (c == '!' && mark < 0) {
        mark = i;
      } else if (c == ':') {
        colon = i;
      }
    }
    String head = colon < 0 ? field : field.substring(0, colon);
    String spec = colon < 0 ? "" : fill(field.substring(colon + 1), depth - 1);
    String name = mark < 0 ? head : head.substring(0, mark);
    Object value = value(name);
    if (mark >= 0) {
      value = converted(value, head.substring(mark + 1));
    }
    return FormatSpec.brace(value, spec, budget);
  }

  private Object converted(Object value, String how) {
    return switch (how) {
      case "s" -> Repr.text(value, budget);
      case "r" -> Repr.of(value, budget);
      case "a" -> throw RenderError.notOffered("the conversion !a");
      default -> throw RenderError.value("unknown conversion specifier");
    };
  }

  private Object value(String path) {
    int at = 0;
    while (at < path.length() && ".[".indexOf(path.charAt(at)) < 0) {
      at++;
    }
    Object value = first(path.substring(0, at));
    while (at < path.length()) {
      boolean attribute = path.charAt(at) == '.';
      int from = ++at;
      if (attribute) {
        while (at < path.length() && ".[".indexOf(path.charAt(at)) < 0) {
          at++;
        }
        value = Attributes.attribute(value, part(path.substring(from, at)), budget);
      } else {
        int end = path.indexOf(']', at);
        if (end < 0) {
          throw RenderError.value("missing ']' in format string");
        }
        String key = part(path.substring(from, end));
        boolean number = key.length() < 10 && key.chars().allMatch(c -> c >= '0' && c <= '9');
        value = Attributes.item(value, number ? (Object) Long.parseLong(key) : key, budget);
        at = end + 1;
        if (at < path.length() && ".[".indexOf(path.charAt(at)) < 0) {
          throw RenderError.value("only '.' or '[' may follow ']' in format field specifier");
        }
      }
    }
    return value;
  }

  private static String part(String name) {
    if (name.isEmpty()) {
      throw RenderError.value("empty attribute in format string");
    }
    return name;
  }

  private Object first(String name) {
    boolean number = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!name.isEmpty() && !number) {
      Object value = arguments.named().get(name);
      if (value == null) {
        throw RenderError.value("no such key: '" + name + "'");
      }
      return value;
    }
    int index;
    if (name.isEmpty()) {
      if (automatic < 0) {
        throw RenderError.value("cannot switch from manual to automatic field numbering");
      }
      index = automatic++;
    } else {
      if (automatic > 0) {
        throw RenderError.value("cannot switch from automatic to manual field numbering");
      }
      automatic = -1;
      index = name.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(name);
    }
    if (index >= arguments.positional().size()) {
      throw RenderError.value("replacement index " + index + " out of range");
    }
    return arguments.positional().get(index);
  }
}
