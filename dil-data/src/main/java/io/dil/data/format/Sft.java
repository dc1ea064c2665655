package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Demonstration;
import io.dil.data.Parsed;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import java.util.List;

/**
 * Demonstrations: {@code messages} whose last one is learnt (the {@code _sft} splits of
 * UltraFeedback), or {@code prompt} and {@code completion} as text or messages (TRL).
 */
final class Sft implements RowFormat {
  @Override
  public String name() {
    return "sft";
  }

  @Override
  public String summary() {
    return "demonstrations: messages, of which the last is learnt, or prompt and completion";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("messages").isArray() || (row.has("prompt") && row.has("completion"));
  }

  @Override
  public String exampleRow() {
    return "{\"messages\": [{\"role\": \"user\", \"content\": \"Name a prime.\"}, {\"role\":"
        + " \"assistant\", \"content\": \"Seven.\"}]}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String ownId = Columns.id(row, id, "id", "prompt_id");
    if (row.path("messages").isArray()) {
      Dialogue dialogue = Dialogue.of(row, "messages");
      return new Demonstration(ownId, dialogue.prompt(), dialogue.answer());
    }
    if (Columns.required(row, "prompt").isArray()) {
      List<Turn> prompt = Conversations.turns(row, "prompt");
      List<Turn> completion = Conversations.turns(row, "completion");
      Turn answer = Conversations.answer(Conversations.after(prompt, completion), "completion");
      return new Demonstration(ownId, Conversations.chat(row, prompt), answer);
    }
    Conversations.none(row);
    return new Demonstration(
        ownId, new Prompt.Plain(Columns.text(row, "prompt")), Columns.text(row, "completion"));
  }
}
