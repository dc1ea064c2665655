package io.dil.data.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How Python writes things: white space, {@code json.dumps} and {@code strftime}. */
final class PythonText {
  private PythonText() {}

  /** Returns whether {@code str.strip()} takes the character off. */
  static boolean isSpace(char c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || c == '\u0085'
        || (c >= '\u001c' && c <= '\u001f');
  }

  /** Strips white space from both ends, as {@code str.strip()}. */
  static String strip(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isSpace(text.charAt(from))) {
      from++;
    }
    while (to > from && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  /**
   * Writes JSON as {@code json.dumps(value, ensure_ascii=False, indent=indent)}.
   *
   * @param indent spaces a level, or -1 for one line
   */
  static String json(@Nullable Object value, int indent) {
    StringBuilder out = new StringBuilder();
    json(out, value, indent, 0);
    return out.toString();
  }

  private static void json(StringBuilder out, @Nullable Object value, int indent, int level) {
    if (value instanceof Map<?, ?> map) {
      String separator = "";
      out.append('{');
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator).append(line(indent, level + 1));
        text(out, String.valueOf(entry.getKey()));
        out.append(": ");
        json(out, entry.getValue(), indent, level + 1);
        separator = indent < 0 ? ", " : ",";
      }
      out.append(map.isEmpty() ? "" : line(indent, level)).append('}');
    } else if (value instanceof List<?> list) {
      String separator = "";
      out.append('[');
      for (Object element : list) {
        out.append(separator).append(line(indent, level + 1));
        json(out, element, indent, level + 1);
        separator = indent < 0 ? ", " : ",";
      }
      out.append(list.isEmpty() ? "" : line(indent, level)).append(']');
    } else if (value instanceof CharSequence) {
      text(out, value.toString());
    } else {
      out.append(value);
    }
  }

  private static String line(int indent, int level) {
    return indent < 0 ? "" : "\n" + " ".repeat(indent * level);
  }

  private static void text(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /**
   * Writes the time as {@code datetime.now().strftime(format)}, for the codes that templates use.
   */
  static String strftime(String format, Clock clock) {
    ZonedDateTime now = ZonedDateTime.now(clock);
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at);
      at++;
      if (c != '%' || at == format.length()) {
        out.append(c);
        continue;
      }
      char code = format.charAt(at);
      at++;
      out.append(
          switch (code) {
            case 'Y' -> "" + now.getYear();
            case 'y' -> "%02d".formatted(now.getYear() % 100);
            case 'm' -> "%02d".formatted(now.getMonthValue());
            case 'd' -> "%02d".formatted(now.getDayOfMonth());
            case 'H' -> "%02d".formatted(now.getHour());
            case 'M' -> "%02d".formatted(now.getMinute());
            case 'S' -> "%02d".formatted(now.getSecond());
            case 'b' -> now.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> now.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case '%' -> "%";
            default ->
                throw new IllegalArgumentException("strftime code %" + code + " is not offered");
          });
    }
    return out.toString();
  }
}
