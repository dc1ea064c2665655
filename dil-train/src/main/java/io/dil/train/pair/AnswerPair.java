package io.dil.train.pair;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.data.Prompt;
import io.dil.train.sample.Answers;

/**
 * A pair that was made from answers; a line of the file that {@code dil train} reads.
 *
 * @param id the prompt's row
 * @param prompt the prompt
 * @param chosen the better answer
 * @param rejected the other one
 * @param chosenReward its reward
 * @param rejectedReward the other's
 * @param answers how many answers the prompt had
 */
public record AnswerPair(
    String id,
    Prompt prompt,
    String chosen,
    String rejected,
    double chosenReward,
    double rejectedReward,
    int answers) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Returns the line: prompt, chosen and rejected as texts, or as messages where they are chats.
   */
  public ObjectNode toJson() {
    ObjectNode line = JSON.createObjectNode().put("id", id);
    Answers.put(line, prompt);
    if (prompt instanceof Prompt.Chat) {
      message(line.putArray("chosen"), chosen);
      message(line.putArray("rejected"), rejected);
    } else {
      line.put("chosen", chosen).put("rejected", rejected);
    }
    line.put("score_chosen", chosenReward).put("score_rejected", rejectedReward);
    return line.put("answers", answers);
  }

  private static void message(ArrayNode messages, String content) {
    messages.addObject().put("role", "assistant").put("content", content);
  }
}
