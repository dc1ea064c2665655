package io.dil.train.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.List;

/**
 * A model's answers to one prompt; a line of an answer file.
 *
 * @param id the row's id
 * @param prompt what is answered
 * @param responses the answers, in the order of their draws
 * @param finish why each ended: {@code stop}, or {@code length} where it was cut
 * @param tokens how many tokens each has, its end's included
 * @param promptCut whether the prompt lost its start
 */
public record Answers(
    String id,
    Prompt prompt,
    List<String> responses,
    List<String> finish,
    List<Integer> tokens,
    boolean promptCut) {
  /** Ended by itself. */
  public static final String STOP = "stop";

  /** Cut at the bound on new tokens. */
  public static final String LENGTH = "length";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the lists. */
  public Answers {
    responses = List.copyOf(responses);
    finish = List.copyOf(finish);
    tokens = List.copyOf(tokens);
  }

  /** Returns the line. */
  public ObjectNode toJson() {
    ObjectNode line = JSON.createObjectNode().put("id", id);
    put(line, prompt);
    responses.forEach(line.putArray("responses")::add);
    finish.forEach(line.putArray("finish")::add);
    tokens.forEach(line.putArray("tokens")::add);
    if (promptCut) {
      line.put("prompt_cut", true);
    }
    return line;
  }

  /** Puts a prompt into a line: its text, or the messages of a conversation. */
  public static void put(ObjectNode line, Prompt prompt) {
    if (prompt instanceof Prompt.Chat chat) {
      ArrayNode messages = line.putArray("prompt");
      for (Turn turn : chat.turns()) {
        messages.addObject().put("role", turn.role()).put("content", turn.content());
      }
    } else {
      line.put("prompt", prompt.asText());
    }
  }

  /**
   * Reads a line. A file of another tool may have one text, {@code response}, in place of the list,
   * and need have no more than it and the id.
   *
   * @param place where it stands, for errors
   */
  public static Answers of(String place, JsonNode line) {
    List<String> responses = new ArrayList<>();
    JsonNode several = line.path("responses");
    if (several.isArray()) {
      several.forEach(one -> responses.add(one.asText()));
    } else if (line.path("response").isTextual()) {
      responses.add(line.path("response").asText());
    }
    if (responses.isEmpty() || !line.path("id").isValueNode()) {
      throw new InputException(
          place + ": row must have id, and responses, a list, or response, a text");
    }
    List<String> finish = new ArrayList<>();
    line.path("finish").forEach(one -> finish.add(one.asText()));
    List<Integer> tokens = new ArrayList<>();
    line.path("tokens").forEach(one -> tokens.add(one.asInt()));
    return new Answers(
        line.path("id").asText(),
        prompt(line.path("prompt")),
        responses,
        finish,
        tokens,
        line.path("prompt_cut").asBoolean());
  }

  private static Prompt prompt(JsonNode value) {
    if (!value.isArray() || value.isEmpty()) {
      return new Prompt.Plain(value.asText());
    }
    List<Turn> turns = new ArrayList<>();
    value.forEach(
        turn -> turns.add(new Turn(turn.path("role").asText(), turn.path("content").asText())));
    return new Prompt.Chat(turns);
  }
}
