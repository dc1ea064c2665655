package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.List;

/**
 * A conversation that ends with the model's answer.
 *
 * @param prompt everything before the last message
 * @param answer the last message
 */
record Dialogue(Prompt.Chat prompt, Turn answer) {
  /** Reads it from a column. */
  static Dialogue of(JsonNode row, String column) {
    List<Turn> turns = Conversations.turns(row, column);
    int last = turns.size() - 1;
    if (last == 0) {
      throw new RowException(
          "column '" + column + "' must hold a message before the answer, got one message");
    }
    Turn answer = Conversations.answer(turns.subList(last, last + 1), column);
    return new Dialogue(Conversations.chat(row, turns.subList(0, last)), answer);
  }
}
