package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * How a row becomes a question with an answer.
 *
 * @param fields where a row's fields are
 * @param text the question, with fields in braces; {@code {options}} stands for all options
 * @param options the field whose texts are the options; empty for none
 * @param option an option, with {@code {letter}}, {@code {number}} and {@code {option}}
 * @param choices where the choices come from
 * @param gold where the right one is named
 * @param answer the answer as text; empty for the right choice
 */
record Layout(
    Fields fields,
    String text,
    String options,
    String option,
    Choices choices,
    Gold gold,
    String answer) {
  private static final Pattern PLACE = Pattern.compile("\\{([A-Za-z_][\\w.]*)\\}");

  /** Where the choices come from. */
  enum ChoiceSource {
    /** There are none: the model writes. */
    NONE,
    /** They are the same for every row. */
    FIXED,
    /** They are the texts of a field. */
    FIELD,
    /** They are letters from A on, as many as a field has texts. */
    LETTERS
  }

  /**
   * The choices.
   *
   * @param source where they come from
   * @param fixed the same for every row
   * @param field the field
   */
  record Choices(ChoiceSource source, List<String> fixed, String field) {}

  /**
   * Where the right choice is named; of several ways the first that a row has.
   *
   * @param text a field with the choice's text; digits are an index where choices are fixed
   * @param index a field with its index
   * @param label a field with its label
   * @param labels a field with the labels of all choices
   */
  record Gold(String text, String index, String label, String labels) {}

  /** Reads a row. */
  Item read(JsonNode row, String place) {
    List<String> all =
        switch (choices.source()) {
          case NONE -> List.of();
          case FIXED -> choices.fixed();
          case FIELD -> fields.texts(row, place, choices.field());
          case LETTERS -> letters(fields.texts(row, place, choices.field()).size(), place);
        };
    int right = choices.source() == ChoiceSource.NONE ? Item.NONE : gold(row, place, all);
    String said =
        !answer.isEmpty()
            ? fill(answer, row, place)
            : right == Item.NONE ? goldText(row, place) : all.get(right);
    return new Item(place, fill(text, row, place), said, all, right);
  }

  private String goldText(JsonNode row, String place) {
    return gold.text().isEmpty() ? "" : fields.text(row, place, gold.text());
  }

  private int gold(JsonNode row, String place, List<String> all) {
    if (!gold.text().isEmpty() && !fields.find(row, gold.text()).isMissingNode()) {
      String right = fields.text(row, place, gold.text());
      // The harness reads a target of digits as an index, wherever a task has choices.
      if (right.matches("[0-9]{1,9}")) {
        int index = Integer.parseInt(right);
        return index < all.size() ? index : Item.NONE;
      }
      return all.indexOf(right);
    }
    if (!gold.label().isEmpty()) {
      String right = fields.text(row, place, gold.label());
      return fields.texts(row, place, gold.labels()).indexOf(right);
    }
    JsonNode index = fields.get(row, place, gold.index().isEmpty() ? gold.text() : gold.index());
    if (!index.canConvertToInt() && !index.asText().matches("[0-9]{1,9}")) {
      throw new InputException(
          place + ": " + gold.index() + " must be the index of a choice, got " + index);
    }
    int right = index.asInt();
    return right >= 0 && right < all.size() ? right : Item.NONE;
  }

  private String fill(String template, JsonNode row, String place) {
    return filled(
        template,
        name ->
            name.equals("options") && !options.isEmpty()
                ? listed(fields.texts(row, place, options), place)
                : fields.text(row, place, name));
  }

  private String listed(List<String> texts, String place) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      int index = i;
      out.append(
          filled(
              option,
              name ->
                  switch (name) {
                    case "letter" -> letter(index, place);
                    case "number" -> String.valueOf(index + 1);
                    default -> texts.get(index);
                  }));
    }
    return out.toString();
  }

  private static String filled(String template, Function<String, String> field) {
    return PLACE
        .matcher(template)
        .replaceAll(found -> Matcher.quoteReplacement(field.apply(found.group(1))));
  }

  private static List<String> letters(int count, String place) {
    return IntStream.range(0, count).mapToObj(i -> letter(i, place)).toList();
  }

  private static String letter(int index, String place) {
    if (index >= 26) {
      throw new InputException(place + ": row must have at most 26 options, got more");
    }
    return String.valueOf((char) ('A' + index));
  }
}
