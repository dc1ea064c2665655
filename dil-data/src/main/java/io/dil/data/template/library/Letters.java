package io.dil.data.template.library;

import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Text;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Upper and lower case, and the questions about a text's characters. */
final class Letters {
  private Letters() {}

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** The first character in title case, the rest in lower case. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = Character.charCount(text.codePointAt(0));
    return titled(text.codePointAt(0)) + lower(text.substring(first));
  }

  private static String titled(int c) {
    int title = Character.toTitleCase(c);
    String upper = upper(Character.toString(c));
    if (title == c && Text.length(upper) > 1) {
      // Such as ß, whose title case is two letters.
      return capitalize2(upper);
    }
    return Character.toString(title);
  }

  private static String capitalize2(String upper) {
    int first = Character.charCount(upper.codePointAt(0));
    return upper.substring(0, first) + lower(upper.substring(first));
  }

  static String casefold(String text) {
    if (!isAscii(text)) {
      throw RenderError.notOffered("casefold of text beyond ASCII");
    }
    return lower(text);
  }

  static String swapcase(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              String one = Character.toString(c);
              out.append(
                  Character.isUpperCase(c)
                      ? lower(one)
                      : Character.isLowerCase(c) ? upper(one) : one);
            });
    return out.toString();
  }

  static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int c : text.codePoints().toArray()) {
      out.append(inside ? lower(Character.toString(c)) : titled(c));
      inside = isCased(c);
    }
    return out.toString();
  }

  private static boolean isCased(int c) {
    return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
  }

  private static boolean all(String text, IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }

  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  static boolean isAlpha(String text) {
    return all(text, Character::isLetter);
  }

  static boolean isAlnum(String text) {
    return all(text, c -> c != '_' && Text.isWord(c));
  }

  static boolean isDecimal(String text) {
    return all(text, Character::isDigit);
  }

  static boolean isDigit(String text) {
    return all(
        text,
        c -> {
          if (Character.getType(c) == Character.OTHER_NUMBER) {
            throw RenderError.notOffered("isdigit of " + Repr.escape(c));
          }
          return Character.isDigit(c);
        });
  }

  static boolean isNumeric(String text) {
    return all(
        text,
        c -> {
          if (Character.isIdeographic(c)) {
            throw RenderError.notOffered("isnumeric of " + Repr.escape(c));
          }
          return !Character.isLetter(c) && c != '_' && Text.isWord(c);
        });
  }

  static boolean isIdentifier(String text) {
    if (!isAscii(text)) {
      throw RenderError.notOffered("isidentifier of text beyond ASCII");
    }
    return text.matches("[A-Za-z_][A-Za-z0-9_]*");
  }

  static boolean isPrintable(String text) {
    return text.codePoints().allMatch(Repr::isPrintable);
  }

  static boolean isSpace(String text) {
    return all(text, Text::isSpace);
  }

  static boolean isLower(String text) {
    return text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c))
        && text.codePoints().anyMatch(Character::isLowerCase);
  }

  static boolean isUpper(String text) {
    return text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c))
        && text.codePoints().anyMatch(Character::isUpperCase);
  }

  static boolean isTitle(String text) {
    boolean any = false;
    boolean inside = false;
    for (int c : text.codePoints().toArray()) {
      boolean starts = Character.isUpperCase(c) || Character.isTitleCase(c);
      if (inside ? starts : Character.isLowerCase(c)) {
        return false;
      }
      inside = isCased(c);
      any |= inside;
    }
    return any;
  }
}
