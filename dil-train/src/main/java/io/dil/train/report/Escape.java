package io.dil.train.report;

/**
 * Keeps text from the data from becoming part of the page: a model may well generate {@code
 * </script>}.
 */
final class Escape {

  private Escape() {}

  /** Returns {@code text} so that it reads as itself inside an element or a quoted attribute. */
  static String html(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        // Forbidden in HTML even as references; a browser would show nothing at all for them.
        default -> out.append(isControl(c) ? '\uFFFD' : c);
      }
    }
    return out.toString();
  }

  private static boolean isControl(char c) {
    return (c < ' ' && c != '\n' && c != '\t' && c != '\r') || (c >= 0x7f && c < 0xa0);
  }

  /**
   * Returns JSON that means the same and cannot end the script element that holds it. Outside of
   * its strings JSON has none of these characters, and inside them an escape is the character.
   */
  static String json(String json) {
    return json.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
  }
}
