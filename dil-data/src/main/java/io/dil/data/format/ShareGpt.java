package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Demonstration;
import io.dil.data.LabelledResponse;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Turn;
import java.util.List;

/**
 * ShareGPT's {@code conversations} (LLaMA-Factory): with {@code chosen} and {@code rejected} a
 * pair, with {@code kto_tag} a labelled response, alone a demonstration.
 */
final class ShareGpt implements RowFormat {
  @Override
  public String name() {
    return "sharegpt";
  }

  @Override
  public String summary() {
    return "ShareGPT: conversations with from and value; with chosen and rejected, pairs";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("conversations").isArray();
  }

  @Override
  public String exampleRow() {
    return "{\"conversations\": [{\"from\": \"human\", \"value\": \"Name a prime.\"}],"
        + " \"chosen\": {\"from\": \"gpt\", \"value\": \"Seven.\"},"
        + " \"rejected\": {\"from\": \"gpt\", \"value\": \"Nine.\"}}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    String ownId = Columns.id(row, id, "id");
    if (!row.hasNonNull("chosen") && !row.hasNonNull("rejected")) {
      Dialogue dialogue = Dialogue.of(row, "conversations");
      return row.hasNonNull("kto_tag")
          ? new LabelledResponse(
              ownId, dialogue.prompt(), dialogue.answer(), Columns.flag(row, "kto_tag"))
          : new Demonstration(ownId, dialogue.prompt(), dialogue.answer());
    }
    List<Turn> prompt = Conversations.turns(row, "conversations");
    return new PreferencePair(
        ownId, Conversations.chat(row, prompt), answer(row, "chosen"), answer(row, "rejected"));
  }

  private static Turn answer(JsonNode row, String column) {
    Turn turn = Messages.turn(Columns.required(row, column), column);
    return Conversations.answer(List.of(turn), column);
  }
}
