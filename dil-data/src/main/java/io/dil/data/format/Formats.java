package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.Prompt;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The one list of row formats. A new data set is a file in this package and a line here.
 *
 * <p>The order is that of guessing: what asks for more columns stands before what asks for fewer.
 */
public final class Formats {
  /** The name that asks for a guess from the first row's columns. */
  public static final String AUTO = "auto";

  private static final List<RowFormat> ALL =
      List.of(
          new UltraFeedback(),
          new TldrComparisons(),
          new TldrSft(),
          new ShareGpt(),
          new Conversational(),
          new Hh(),
          new Pairs(),
          new Kto(),
          new Sft(),
          new PlainText());

  private Formats() {}

  /** Returns every format, in the order of guessing. */
  public static List<RowFormat> all() {
    return ALL;
  }

  /**
   * Returns the format of that name.
   *
   * @throws InputException if there is none
   */
  public static RowFormat named(String name) {
    for (RowFormat format : ALL) {
      if (format.name().equals(name)) {
        return format;
      }
    }
    throw new InputException("format must be one of " + names() + ", got " + name);
  }

  /** Returns the first format that a row fits, if any does. */
  public static Optional<RowFormat> guess(JsonNode row) {
    return ALL.stream().filter(format -> format.fits(row)).findFirst();
  }

  /**
   * Returns the conversation of a row that has {@code messages}, with its {@code tools}, {@code
   * system} and {@code chat_template_kwargs}.
   *
   * @throws RowException if it is malformed
   */
  public static Prompt.Chat conversation(JsonNode row) {
    return Conversations.chat(row, Conversations.turns(row, "messages"));
  }

  /** Returns the names, separated by commas, as errors and help texts show them. */
  public static String names() {
    return AUTO + ", " + ALL.stream().map(RowFormat::name).collect(Collectors.joining(", "));
  }
}
