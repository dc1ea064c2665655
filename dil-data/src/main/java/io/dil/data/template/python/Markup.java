package io.dil.data.template.python;

/**
 * Text marked as safe HTML, the result of the filters {@code safe} and {@code escape}.
 *
 * @param text the text
 */
public record Markup(String text) {
  /** Escapes a text for HTML. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace(">", "&gt;")
        .replace("<", "&lt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }
}
