package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Turn;
import java.util.List;

/**
 * ShareGPT-style pairs (LLaMA-Factory): {@code conversations}, {@code chosen} and {@code rejected}.
 */
final class ShareGpt implements RowFormat {
  @Override
  public String name() {
    return "sharegpt";
  }

  @Override
  public String summary() {
    return "ShareGPT-style pairs: conversations with from and value, then chosen and rejected";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("conversations").isArray() && row.has("chosen") && row.has("rejected");
  }

  @Override
  public String exampleRow() {
    return "{\"conversations\": [{\"from\": \"human\", \"value\": \"Name a prime.\"}],"
        + " \"chosen\": {\"from\": \"gpt\", \"value\": \"Seven.\"},"
        + " \"rejected\": {\"from\": \"gpt\", \"value\": \"Nine.\"}}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    List<Turn> prompt = Conversations.turns(row, "conversations");
    return new PreferencePair(
        Columns.id(row, id, "id"),
        Conversations.chat(row, prompt),
        answer(row, "chosen"),
        answer(row, "rejected"));
  }

  private static Turn answer(JsonNode row, String column) {
    Turn turn = Messages.turn(Columns.required(row, column), column);
    return Conversations.answer(List.of(turn), column);
  }
}
