package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import io.dil.data.Drop;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.List;

/** Reads lists of messages, and what a row has beside them. */
final class Conversations {
  private Conversations() {}

  /** Returns the messages of a column; at least one. */
  static List<Turn> turns(JsonNode row, String column) {
    JsonNode list = Columns.required(row, column);
    if (!list.isArray()) {
      throw Columns.wrongType(column, "a list of messages", list);
    }
    if (list.isEmpty()) {
      throw new RowException("column '" + column + "' must hold at least one message, got none");
    }
    List<Turn> turns = new ArrayList<>(list.size());
    for (JsonNode message : list) {
      turns.add(Messages.turn(message, column));
    }
    return turns;
  }

  /**
   * Returns a conversation with what the row has for it: a {@code system} column, which stands
   * before all turns, {@code tools} and {@code chat_template_kwargs}.
   */
  static Prompt.Chat chat(JsonNode row, List<Turn> turns) {
    return new Prompt.Chat(withSystem(row, turns), tools(row), arguments(row));
  }

  /** Checks that a row of plain text has nothing that only a conversation can hold. */
  static void none(JsonNode row) {
    for (String column : List.of("system", "tools")) {
      JsonNode value = row.path(column);
      if (!isEmpty(value)) {
        throw new RowException(
            "column '"
                + column
                + "' needs a conversation, got a prompt that is plain text (format conversational"
                + " makes turns of texts)");
      }
    }
  }

  /** Returns the messages of a column; a text is one message of the role. */
  static List<Turn> turnsOrText(JsonNode row, String column, String role) {
    return Columns.required(row, column).isTextual()
        ? List.of(new Turn(role, Columns.text(row, column)))
        : turns(row, column);
  }

  private static List<Turn> withSystem(JsonNode row, List<Turn> turns) {
    if (!row.hasNonNull("system") || Columns.text(row, "system").isEmpty()) {
      return turns;
    }
    Turn system = new Turn(Turn.SYSTEM, Columns.text(row, "system"));
    if (turns.get(0).role().equals(Turn.SYSTEM)) {
      if (turns.get(0).equals(system)) {
        return turns;
      }
      throw new RowException("row must have one system turn, got a column 'system' and a message");
    }
    List<Turn> all = new ArrayList<>(turns.size() + 1);
    all.add(system);
    all.addAll(turns);
    return all;
  }

  /** Returns the tools, a list as JSON or in a text; null for none, as TRL has it. */
  private static JsonNode tools(JsonNode row) {
    JsonNode tools = row.path("tools");
    if (tools.isTextual() && !isEmpty(tools)) {
      tools = Messages.parsed(tools.textValue(), "column 'tools'");
    }
    if (isEmpty(tools)) {
      return NullNode.getInstance();
    }
    boolean fits = tools.isArray();
    for (JsonNode tool : tools) {
      fits &= tool.isObject();
    }
    if (!fits) {
      throw Columns.wrongType("tools", "a list of objects", tools);
    }
    return tools;
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || (value.isTextual() && value.textValue().isBlank())
        || (value.isContainerNode() && value.isEmpty());
  }

  private static JsonNode arguments(JsonNode row) {
    JsonNode arguments = row.path("chat_template_kwargs");
    if (arguments.isTextual()) {
      arguments = Messages.parsed(arguments.textValue(), "column 'chat_template_kwargs'");
    }
    if (arguments.isMissingNode() || arguments.isNull()) {
      return JsonNodeFactory.instance.objectNode();
    }
    if (!arguments.isObject()) {
      throw Columns.wrongType("chat_template_kwargs", "an object", arguments);
    }
    return arguments;
  }

  /** Returns the model's one answer of a list that must hold nothing else. */
  static Turn answer(List<Turn> turns, String column) {
    if (turns.size() != 1 || !turns.get(0).role().equals(Turn.ASSISTANT)) {
      throw new RowException(
          "column '"
              + column
              + "' must hold one assistant message after the prompt, got "
              + turns.stream().map(Turn::role).toList().toString().replaceAll("\\R", " "));
    }
    return turns.get(0);
  }

  /**
   * Splits two whole conversations into what they share, all but the last message, and the two
   * answers.
   */
  static Parsed pair(String id, JsonNode row, List<Turn> chosen, List<Turn> rejected) {
    int last = chosen.size() - 1;
    if (rejected.size() - 1 != last || !chosen.subList(0, last).equals(rejected.subList(0, last))) {
      return Drop.PROMPTS_DIFFER;
    }
    if (last == 0) {
      throw new RowException("conversations must have a message before the answer, got none");
    }
    return new PreferencePair(
        id,
        chat(row, chosen.subList(0, last)),
        answer(chosen.subList(last, last + 1), "chosen"),
        answer(rejected.subList(last, last + 1), "rejected"));
  }

  /** Returns {@code turns} without the prompt if they repeat it, otherwise as they are. */
  static List<Turn> after(List<Turn> prompt, List<Turn> turns) {
    boolean repeats =
        turns.size() > prompt.size() && turns.subList(0, prompt.size()).equals(prompt);
    return repeats ? turns.subList(prompt.size(), turns.size()) : turns;
  }
}
