package io.dil.data.template.jinja;

/**
 * A piece of a template's source.
 *
 * @param kind what it is
 * @param text a name, an operator, or the text of a literal or of data
 * @param value what a literal stands for; the text for the others
 * @param line where it stands, counted from 1
 */
record Token(Kind kind, String text, Object value, int line) {
  /** Kinds of tokens. */
  enum Kind {
    DATA,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    NUMBER,
    OPERATOR,
    END
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  /** Returns how errors show it. */
  String shown() {
    return switch (kind) {
      case DATA -> "template data";
      case PRINT_BEGIN -> "{{";
      case PRINT_END -> "}}";
      case BLOCK_BEGIN -> "{%";
      case BLOCK_END -> "%}";
      case END -> "end of template";
      default -> text.length() > 40 ? text.substring(0, 40) + "…" : text;
    };
  }
}
