package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Turn;
import java.util.List;

/**
 * TRL's conversational pairs: {@code prompt}, {@code chosen} and {@code rejected} as lists of
 * messages, or only the last two, which then share their beginning. A text instead of a list is one
 * message, of the user or of the model.
 */
final class Conversational implements RowFormat {
  @Override
  public String name() {
    return "conversational";
  }

  @Override
  public String summary() {
    return "pairs as lists of messages (TRL); without a prompt column both share all but the last";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("chosen").isArray()
        && row.path("rejected").isArray()
        && (!row.has("prompt") || row.path("prompt").isArray());
  }

  @Override
  public String exampleRow() {
    return "{\"prompt\": [{\"role\": \"user\", \"content\": \"What color is the sky?\"}],"
        + " \"chosen\": [{\"role\": \"assistant\", \"content\": \"It is blue.\"}],"
        + " \"rejected\": [{\"role\": \"assistant\", \"content\": \"It is green.\"}]}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String ownId = Columns.id(row, id, "id", "prompt_id");
    List<Turn> chosen = Conversations.turnsOrText(row, "chosen", Turn.ASSISTANT);
    List<Turn> rejected = Conversations.turnsOrText(row, "rejected", Turn.ASSISTANT);
    if (!row.hasNonNull("prompt")) {
      return Conversations.pair(ownId, row, chosen, rejected);
    }
    List<Turn> prompt = Conversations.turnsOrText(row, "prompt", Turn.USER);
    return new PreferencePair(
        ownId,
        Conversations.chat(row, prompt),
        Conversations.answer(Conversations.after(prompt, chosen), "chosen"),
        Conversations.answer(Conversations.after(prompt, rejected), "rejected"));
  }
}
