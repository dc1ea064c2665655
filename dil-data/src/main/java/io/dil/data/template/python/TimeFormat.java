package io.dil.data.template.python;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Writes a time as {@code datetime.strftime} does, in English. */
public final class TimeFormat {
  private TimeFormat() {}

  /** Writes the time. */
  public static String format(String format, LocalDateTime time, Budget budget) {
    budget.text(format.length());
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      boolean bare = at < format.length() && format.charAt(at) == '-';
      at += bare ? 1 : 0;
      if (at == format.length()) {
        throw RenderError.notOffered("a % at the end of a time format");
      }
      String part = part(format.charAt(at++), time);
      out.append(bare ? part.replaceFirst("^[0 ]+(?=.)", "") : part);
    }
    return out.toString();
  }

  private static String part(char code, LocalDateTime time) {
    int hour = time.getHour() % 12 == 0 ? 12 : time.getHour() % 12;
    return switch (code) {
      case 'Y' -> Integer.toString(time.getYear());
      case 'y' -> two(time.getYear() % 100);
      case 'C' -> two(time.getYear() / 100);
      case 'm' -> two(time.getMonthValue());
      case 'd' -> two(time.getDayOfMonth());
      case 'e' -> "%2d".formatted(time.getDayOfMonth());
      case 'H' -> two(time.getHour());
      case 'I' -> two(hour);
      case 'M' -> two(time.getMinute());
      case 'S' -> two(time.getSecond());
      case 'f' -> "%06d".formatted(time.getNano() / 1000);
      case 'p' -> time.getHour() < 12 ? "AM" : "PM";
      case 'j' -> "%03d".formatted(time.getDayOfYear());
      case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
      case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
      case 'U' -> two((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7);
      case 'W' -> two((time.getDayOfYear() + 6 - (time.getDayOfWeek().getValue() - 1)) / 7);
      case 'V' -> two(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'G' -> Integer.toString(time.get(IsoFields.WEEK_BASED_YEAR));
      case 'D', 'x' -> part('m', time) + "/" + part('d', time) + "/" + part('y', time);
      case 'F' -> part('Y', time) + "-" + part('m', time) + "-" + part('d', time);
      case 'T', 'X' -> part('H', time) + ":" + part('M', time) + ":" + part('S', time);
      case 'R' -> part('H', time) + ":" + part('M', time);
      case 'c' ->
          part('a', time)
              + " "
              + part('b', time)
              + " "
              + part('e', time)
              + " "
              + part('T', time)
              + " "
              + part('Y', time);
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'z', 'Z' -> "";
      case '%' -> "%";
      default -> throw RenderError.notOffered("time code %" + code);
    };
  }

  private static String two(int number) {
    return number < 10 ? "0" + number : Integer.toString(number);
  }
}
