package io.dil.data.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;

/** Writes one value as a conversion of {@code %} or a specification of {@code str.format} says. */
public final class FormatSpec {
  private FormatSpec() {}

  /** The flags of a conversion. */
  static final class Flags {
    private boolean left;
    private boolean plus;
    private boolean space;
    private boolean alternate;
    private boolean zero;

    void set(char flag) {
      switch (flag) {
        case '-' -> left = true;
        case '+' -> plus = true;
        case ' ' -> space = true;
        case '#' -> alternate = true;
        default -> zero = true;
      }
    }
  }

  static String percent(
      Object value, char kind, Flags flags, int width, int precision, Budget budget) {
    switch (kind) {
      case 's', 'r', 'a' -> {
        String text = kind == 's' ? Repr.text(value, budget) : Repr.of(value, budget);
        if (kind == 'a' && !text.chars().allMatch(c -> c < 128)) {
          throw RenderError.notOffered("%a of text beyond ASCII");
        }
        return padded(precision < 0 ? text : cut(text, precision), flags, width);
      }
      case 'c' -> {
        String text = Types.text(value) instanceof String found ? found : null;
        boolean single = text != null && Text.length(text) == 1;
        if (!single && !Numbers.isInt(value)) {
          throw RenderError.type("%c requires int or char");
        }
        return padded(
            single ? String.valueOf(text) : point(Numbers.index(value, "%c")), flags, width);
      }
      case 'd', 'i', 'u', 'x', 'X', 'o' -> {
        budget.steps(value instanceof BigInteger ? 2000 : 1);
        return whole(value, kind, flags, width, precision);
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        budget.steps(100L + Math.max(0, precision));
        return real(value, kind, flags, width, precision < 0 ? 6 : precision);
      }
      default -> throw RenderError.value("unsupported format character '" + kind + "'");
    }
  }

  private static String point(long c) {
    if (c < 0 || c > Character.MAX_CODE_POINT) {
      throw RenderError.value("%c arg not in range(0x110000)");
    }
    return Character.toString((int) c);
  }

  private static String cut(String text, int points) {
    return text.substring(0, Text.unit(text, points));
  }

  private static String padded(String text, Flags flags, int width) {
    String fill = " ".repeat(Math.max(0, width - Text.length(text)));
    return flags.left ? text + fill : fill + text;
  }

  private static String whole(Object value, char kind, Flags flags, int width, int precision) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    BigInteger number;
    if (Numbers.isInt(value)) {
      number = Numbers.big(value);
    } else if (value instanceof Double real && "diu".indexOf(kind) >= 0) {
      if (!Double.isFinite(real)) {
        throw RenderError.value("cannot convert float " + Floats.repr(real) + " to integer");
      }
      number = new BigDecimal(real).toBigInteger();
    } else {
      throw RenderError.type(
          "%" + kind + " format: a number is required, not " + Types.name(value));
    }
    String digits =
        switch (kind) {
          case 'x', 'X' -> number.abs().toString(16);
          case 'o' -> number.abs().toString(8);
          default -> Numbers.shown(Numbers.of(number.abs()));
        };
    digits = "0".repeat(Math.max(0, precision - digits.length())) + digits;
    String prefix =
        flags.alternate && kind == 'o'
            ? "0o"
            : flags.alternate && (kind == 'x' || kind == 'X') ? "0x" : "";
    String body = kind == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
    prefix = kind == 'X' ? prefix.toUpperCase(Locale.ROOT) : prefix;
    return signed(number.signum() < 0 ? "-" : "", prefix, body, flags, width);
  }

  private static String real(Object value, char kind, Flags flags, int width, int precision) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (!Numbers.isNumber(value)) {
      throw RenderError.type("must be real number, not " + Types.name(value));
    }
    double number = Numbers.real(value);
    boolean upper = Character.isUpperCase(kind);
    String sign = Floats.sign(number);
    String body = size(Math.abs(number), Character.toLowerCase(kind), precision, flags.alternate);
    return signed(sign, "", upper ? body.toUpperCase(Locale.ROOT) : body, flags, width);
  }

  private static String size(double size, char kind, int precision, boolean alternate) {
    if (!Double.isFinite(size)) {
      return Floats.special(size);
    }
    if (alternate && precision == 0 && kind != 'g') {
      throw RenderError.notOffered("# with a precision of 0");
    }
    return switch (kind) {
      case 'e' -> Floats.scientific(size, precision);
      case 'f' -> Floats.fixed(size, precision);
      default -> Floats.general(size, precision, alternate, false);
    };
  }

  private static String signed(String sign, String prefix, String body, Flags flags, int width) {
    String front = sign.isEmpty() ? (flags.plus ? "+" : flags.space ? " " : "") : sign;
    int missing = width - front.length() - prefix.length() - body.length();
    String fill = (flags.zero && !flags.left ? "0" : " ").repeat(Math.max(0, missing));
    if (flags.left) {
      return front + prefix + body + fill;
    }
    return flags.zero ? front + prefix + fill + body : fill + front + prefix + body;
  }

  /** The parts of {@code [[fill]align][sign][#][0][width][,][.precision][type]}. */
  private record Spec(
      String fill,
      char align,
      char sign,
      boolean alternate,
      int width,
      char grouping,
      int precision,
      char type) {
    static Spec parse(String text) {
      int at = 0;
      String fill = " ";
      char align = 0;
      int first = text.isEmpty() ? 0 : Character.charCount(text.codePointAt(0));
      if (text.length() > first && "<>=^".indexOf(text.charAt(first)) >= 0) {
        fill = text.substring(0, first);
        align = text.charAt(first);
        at = first + 1;
      } else if (!text.isEmpty() && "<>=^".indexOf(text.charAt(0)) >= 0) {
        align = text.charAt(0);
        at = 1;
      }
      char sign = 0;
      if (at < text.length() && "+- ".indexOf(text.charAt(at)) >= 0) {
        sign = text.charAt(at++);
      }
      boolean alternate = at < text.length() && text.charAt(at) == '#';
      at += alternate ? 1 : 0;
      if (at < text.length() && text.charAt(at) == '0') {
        at++;
        if (align == 0) {
          fill = "0";
          align = '=';
        }
      }
      int from = at;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      int width = number(text.substring(from, at), 0);
      char grouping = 0;
      if (at < text.length() && ",_".indexOf(text.charAt(at)) >= 0) {
        grouping = text.charAt(at++);
      }
      int precision = -1;
      if (at < text.length() && text.charAt(at) == '.') {
        from = ++at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
          at++;
        }
        if (from == at) {
          throw RenderError.value("format specifier missing precision");
        }
        precision = number(text.substring(from, at), -1);
      }
      char type = at < text.length() ? text.charAt(at++) : 0;
      if (at < text.length()) {
        throw RenderError.value("invalid format specifier");
      }
      return new Spec(fill, align, sign, alternate, width, grouping, precision, type);
    }

    private static int number(String digits, int otherwise) {
      return digits.isEmpty()
          ? otherwise
          : digits.length() > 9 ? 999_999_999 : Integer.parseInt(digits);
    }
  }

  /** Returns {@code format(value, spec)}. */
  public static String brace(Object value, String spec, Budget budget) {
    if (spec.isEmpty()) {
      return Repr.text(value, budget);
    }
    Spec parsed = Spec.parse(spec);
    budget.text(Math.max(parsed.width, parsed.precision));
    if (value instanceof String text) {
      return ofText(text, parsed);
    }
    if (!Numbers.isNumber(value)) {
      throw value == None.NONE
              || value instanceof PySequence
              || value instanceof PyDict
              || value instanceof Undefined
          ? RenderError.type("unsupported format string passed to " + Types.name(value))
          : RenderError.notOffered("a format string for a " + Types.name(value));
    }
    budget.steps(100L + Math.max(0, parsed.precision));
    if (parsed.grouping != 0 || parsed.alternate) {
      throw RenderError.notOffered("grouping or # in a format string");
    }
    return ofNumber(Numbers.plain(value), parsed);
  }

  private static String ofText(String text, Spec spec) {
    if (spec.type != 0 && spec.type != 's') {
      throw RenderError.value("unknown format code '" + spec.type + "' for object of type 'str'");
    }
    if (spec.sign != 0 || spec.alternate || spec.grouping != 0 || spec.align == '=') {
      if (spec.fill.equals("0") && spec.sign == 0 && !spec.alternate && spec.grouping == 0) {
        throw RenderError.notOffered("0 before the width of a text");
      }
      throw RenderError.value("sign, =, # and grouping are not allowed in string format specifier");
    }
    String shown = spec.precision < 0 ? text : cut(text, spec.precision);
    return aligned("", shown, spec, '<');
  }

  private static String ofNumber(Object number, Spec spec) {
    char type = spec.type;
    if (number instanceof Double || "eEfFgG%".indexOf(type == 0 ? 'x' : type) >= 0) {
      double real = Numbers.real(number);
      return aligned(sign(Floats.sign(real), spec), ofReal(Math.abs(real), spec), spec, '>');
    }
    if (spec.precision >= 0) {
      throw RenderError.value("precision not allowed in integer format specifier");
    }
    BigInteger whole = Numbers.big(number);
    String digits =
        switch (type) {
          case 0, 'd' -> Numbers.shown(Numbers.of(whole.abs()));
          case 'x' -> whole.abs().toString(16);
          case 'X' -> whole.abs().toString(16).toUpperCase(Locale.ROOT);
          case 'o' -> whole.abs().toString(8);
          case 'b' -> whole.abs().toString(2);
          default ->
              throw "cn".indexOf(type) >= 0
                  ? RenderError.notOffered("format code '" + type + "'")
                  : RenderError.value(
                      "unknown format code '" + type + "' for object of type 'int'");
        };
    return aligned(sign(whole.signum() < 0 ? "-" : "", spec), digits, spec, '>');
  }

  private static String ofReal(double size, Spec spec) {
    if ("\0eEfFgG%".indexOf(spec.type) < 0) {
      throw spec.type == 'n'
          ? RenderError.notOffered("format code 'n'")
          : RenderError.value("unknown format code '" + spec.type + "' for object of type 'float'");
    }
    if (!Double.isFinite(size)) {
      throw RenderError.notOffered("a format string for " + Floats.special(size));
    }
    int precision = spec.precision < 0 ? 6 : spec.precision;
    String body =
        switch (Character.toLowerCase(spec.type)) {
          case 'e' -> Floats.scientific(size, precision);
          case 'f' -> Floats.fixed(size, precision);
          case 'g' -> Floats.general(size, precision, false, false);
          case '%' -> Floats.fixed(size * 100, precision) + "%";
          default ->
              spec.precision < 0
                  ? Floats.repr(size)
                  : Floats.general(size, spec.precision, false, true);
        };
    return Character.isUpperCase(spec.type) ? body.toUpperCase(Locale.ROOT) : body;
  }

  private static String sign(String sign, Spec spec) {
    return sign.isEmpty() && (spec.sign == '+' || spec.sign == ' ') ? "" + spec.sign : sign;
  }

  private static String aligned(String sign, String body, Spec spec, char usual) {
    int missing = Math.max(0, spec.width - Text.length(sign) - Text.length(body));
    char align = spec.align == 0 ? usual : spec.align;
    int left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
    String before = spec.fill.repeat(left);
    String after = spec.fill.repeat(missing - left);
    return align == '=' ? sign + before + body : before + sign + body + after;
  }
}
