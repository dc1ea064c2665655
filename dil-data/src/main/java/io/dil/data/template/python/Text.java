package io.dil.data.template.python;

/** Text as Python counts it: in code points. */
public final class Text {
  private Text() {}

  /** Returns whether every code point is one unit, so that places in both are the same. */
  public static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Returns the number of code points. */
  public static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Returns the place in units of a place in code points, which may be past either end. */
  public static int unit(String text, long point) {
    if (point <= 0) {
      return 0;
    }
    if (isPlain(text)) {
      return (int) Math.min(point, text.length());
    }
    int length = length(text);
    return point >= length ? text.length() : text.offsetByCodePoints(0, (int) point);
  }

  /** Returns whether {@code str.isspace()} and {@code str.strip()} take it for white space. */
  public static boolean isSpace(int c) {
    return (c >= 9 && c <= 13)
        || (c >= 28 && c <= 32)
        || c == 0x85
        || c == 0xa0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200a)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }

  /** Returns whether {@code str.splitlines()} ends a line there. */
  public static boolean isLineBreak(int c) {
    return (c >= 10 && c <= 13) || (c >= 28 && c <= 30) || c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  /** Returns whether {@code \w} of Python's regular expressions takes it. */
  public static boolean isWord(int c) {
    int type = Character.getType(c);
    return c == '_'
        || Character.isLetter(c)
        || type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  /** Compares by code points. */
  public static int compare(String a, String b) {
    int shared = Math.min(a.length(), b.length());
    for (int i = 0; i < shared; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // A unit of a pair stands for a code point beyond every single unit.
        boolean xPair = Character.isSurrogate(x);
        boolean yPair = Character.isSurrogate(y);
        return xPair == yPair ? Character.compare(x, y) : Boolean.compare(xPair, yPair);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Repeats a text. */
  public static String repeat(String text, long times, Budget budget) {
    if (times <= 0 || text.isEmpty()) {
      return "";
    }
    budget.text(times > Budget.LONGEST_TEXT ? times : text.length() * times);
    return text.repeat((int) times);
  }
}
