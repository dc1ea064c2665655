package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.Prompt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The one list of row formats. A new data set is a file in this package and a line here.
 *
 * <p>The order is that of guessing: what asks for more columns stands before what asks for fewer.
 */
public final class Formats {
  /** The name that asks for a guess from the first row's columns. */
  public static final String AUTO = "auto";

  /** The column of what a reward model should at least prefer a chosen response by. */
  private static final String MARGIN = "margin";

  private static final List<RowFormat> OWN =
      List.of(
          new UltraFeedback(),
          new TldrComparisons(),
          new TldrSft(),
          new OpenAi(),
          new ShareGpt(),
          new Conversational(),
          new Alpaca(),
          new Hh(),
          new Pairs(),
          new Kto(),
          new Sft(),
          new PlainText());

  private static final List<RowFormat> ALL = withServices();

  private Formats() {}

  /** Adds the formats that are found on the class path; they are asked first when guessing. */
  private static List<RowFormat> withServices() {
    List<RowFormat> all = new ArrayList<>();
    ServiceLoader.load(RowFormat.class).forEach(all::add);
    all.addAll(OWN);
    Set<String> names = new HashSet<>(Set.of(AUTO, JavaExamples.FORMAT));
    for (RowFormat format : all) {
      if (!names.add(format.name())) {
        throw new InputException("formats must have different names, got two of " + format.name());
      }
    }
    return List.copyOf(all);
  }

  /**
   * Returns the format of that name, with its columns under other names if the name goes on with
   * {@code ,COLUMN=NAME}.
   *
   * @throws InputException if there is none
   */
  public static RowFormat spelled(String spec) {
    int comma = spec.indexOf(',');
    return comma < 0
        ? named(spec)
        : mapped(named(spec.substring(0, comma)), MappedFormat.parse(spec.substring(comma + 1)));
  }

  /** Returns a format that finds its columns under other names, or at the end of a path. */
  public static RowFormat mapped(RowFormat format, Map<String, String> columns) {
    return columns.isEmpty() || format instanceof MappedFormat
        ? format
        : new MappedFormat(format, columns);
  }

  /**
   * Returns the number in a row's column {@code margin}, whatever the format; 0 where there is none
   * or it is null.
   *
   * @throws RowException if it is not a number
   */
  public static double margin(RowFormat format, JsonNode row) {
    JsonNode columns = format instanceof MappedFormat mapped ? mapped.mapped(row) : row;
    return columns.hasNonNull(MARGIN) ? Columns.number(columns, MARGIN) : 0;
  }

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
