package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.LabelledResponse;
import io.dil.data.Parsed;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.List;

/**
 * Single responses with a thumb up or down: {@code prompt}, {@code completion}, {@code label} as
 * text or messages (TRL), or {@code messages} whose last one is judged, with {@code label}
 * (LLaMA-Factory).
 */
final class Kto implements RowFormat {
  @Override
  public String name() {
    return "kto";
  }

  @Override
  public String summary() {
    return "responses with a label: prompt, completion and label, or messages and label";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.has("label") && (row.path("messages").isArray() || row.has("completion"));
  }

  @Override
  public String exampleRow() {
    return "{\"prompt\": \"The sky is\", \"completion\": \" blue.\", \"label\": true}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String ownId = Columns.id(row, id, "id");
    boolean desirable = Columns.flag(row, "label");
    if (row.path("messages").isArray()) {
      Dialogue dialogue = Dialogue.of(row, "messages");
      return new LabelledResponse(ownId, dialogue.prompt(), dialogue.answer(), desirable);
    }
    if (Columns.required(row, "prompt").isArray()) {
      List<Turn> prompt = Conversations.turns(row, "prompt");
      List<Turn> completion = Conversations.turns(row, "completion");
      Turn answer = Conversations.answer(Conversations.after(prompt, completion), "completion");
      return new LabelledResponse(ownId, Conversations.chat(row, prompt), answer, desirable);
    }
    Conversations.none(row);
    return new LabelledResponse(
        ownId,
        new Prompt.Plain(Columns.text(row, "prompt")),
        Columns.text(row, "completion"),
        desirable);
  }
}
