package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Turn;
import java.util.List;

/**
 * UltraFeedback Binarized as published (HuggingFaceH4/ultrafeedback_binarized): {@code chosen} and
 * {@code rejected} are whole conversations as lists of {@code content} and {@code role}; and its
 * flattened form, in which the three columns are text.
 *
 * <p>Either way the prompt is a conversation, so both give the same pairs.
 */
final class UltraFeedback implements RowFormat {
  @Override
  public String name() {
    return "ultrafeedback";
  }

  @Override
  public String summary() {
    return "UltraFeedback Binarized, as on the hub (lists of messages) or flattened to text";
  }

  @Override
  public boolean fits(JsonNode row) {
    boolean published = row.path("chosen").isArray() && row.has("prompt_id");
    boolean flat =
        row.path("prompt").isTextual()
            && row.path("chosen").isTextual()
            && row.path("metadata").has("score_chosen");
    return published || flat;
  }

  @Override
  public String exampleRow() {
    return "{\"prompt\": \"how to cook t-bone in the oven\", \"prompt_id\": \"2a6e\","
        + " \"chosen\": [{\"content\": \"how to cook t-bone in the oven\", \"role\": \"user\"},"
        + " {\"content\": \"Preheat your oven to 200 °C.\", \"role\": \"assistant\"}],"
        + " \"rejected\": [{\"content\": \"how to cook t-bone in the oven\", \"role\": \"user\"},"
        + " {\"content\": \"Fry it.\", \"role\": \"assistant\"}],"
        + " \"messages\": [], \"score_chosen\": 8.5, \"score_rejected\": 5.0}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String ownId = Columns.id(row, id, "prompt_id", "id");
    if (Columns.required(row, "chosen").isArray()) {
      return Conversations.pair(
          ownId, row, Conversations.turns(row, "chosen"), Conversations.turns(row, "rejected"));
    }
    return new PreferencePair(
        ownId,
        Conversations.chat(row, List.of(new Turn(Turn.USER, Columns.text(row, "prompt")))),
        new Turn(Turn.ASSISTANT, Columns.text(row, "chosen")),
        new Turn(Turn.ASSISTANT, Columns.text(row, "rejected")));
  }
}
