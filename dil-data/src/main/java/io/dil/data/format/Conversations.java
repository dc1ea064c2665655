package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Drop;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads lists of messages, in the two spellings that published sets use. */
final class Conversations {
  /** ShareGPT's words for the roles; others are taken as they are. */
  private static final Map<String, String> ROLES =
      Map.of("human", Turn.USER, "gpt", Turn.ASSISTANT);

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
      turns.add(turn(message, column));
    }
    return turns;
  }

  /** Returns one message, spelled {@code role}/{@code content} or {@code from}/{@code value}. */
  static Turn turn(JsonNode message, String column) {
    if (!message.isObject()) {
      throw Columns.wrongType(column, "made of messages with role and content", message);
    }
    try {
      return message.has("from") && !message.has("role")
          ? new Turn(role(Columns.text(message, "from")), Columns.text(message, "value"))
          : new Turn(role(Columns.text(message, "role")), Columns.text(message, "content"));
    } catch (RowException e) {
      throw new RowException("in column '" + column + "': " + e.getMessage());
    }
  }

  private static String role(String name) {
    return ROLES.getOrDefault(name, name);
  }

  /** Returns the text of a list that must hold the model's one answer and nothing else. */
  static String answer(List<Turn> turns, String column) {
    if (turns.size() != 1 || !turns.get(0).role().equals(Turn.ASSISTANT)) {
      throw new RowException(
          "column '"
              + column
              + "' must hold one assistant message after the prompt, got "
              + turns.stream().map(Turn::role).toList().toString().replaceAll("\\R", " "));
    }
    return turns.get(0).content();
  }

  /**
   * Splits two whole conversations into what they share, all but the last message, and the two
   * answers.
   */
  static Parsed pair(String id, List<Turn> chosen, List<Turn> rejected) {
    int last = chosen.size() - 1;
    if (rejected.size() - 1 != last || !chosen.subList(0, last).equals(rejected.subList(0, last))) {
      return Drop.PROMPTS_DIFFER;
    }
    if (last == 0) {
      throw new RowException("conversations must have a message before the answer, got none");
    }
    return new PreferencePair(
        id,
        new Prompt.Chat(chosen.subList(0, last)),
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
