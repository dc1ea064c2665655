package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Turn;
import java.util.List;

/**
 * Pairs as OpenAI's preference fine-tuning takes them: {@code input} with {@code messages} and
 * {@code tools}, {@code preferred_output} and {@code non_preferred_output}.
 */
final class OpenAi implements RowFormat {
  @Override
  public String name() {
    return "openai";
  }

  @Override
  public String summary() {
    return "OpenAI's pairs: input with messages, preferred_output and non_preferred_output";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("input").isObject()
        && row.has("preferred_output")
        && row.has("non_preferred_output");
  }

  @Override
  public String exampleRow() {
    return "{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"Name a prime.\"}]},"
        + " \"preferred_output\": [{\"role\": \"assistant\", \"content\": \"Seven.\"}],"
        + " \"non_preferred_output\": [{\"role\": \"assistant\", \"content\": \"Nine.\"}]}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    JsonNode input = Columns.required(row, "input");
    List<Turn> prompt = Conversations.turns(input, "messages");
    return new PreferencePair(
        Columns.id(row, id, "id"),
        Conversations.chat(input, prompt),
        answer(row, "preferred_output"),
        answer(row, "non_preferred_output"));
  }

  private static Turn answer(JsonNode row, String column) {
    return Conversations.answer(Conversations.turns(row, column), column);
  }
}
