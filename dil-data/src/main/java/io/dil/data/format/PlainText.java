package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Demonstration;
import io.dil.data.Parsed;
import io.dil.data.Prompt;

/** Whole texts to learn from, without a prompt. */
final class PlainText implements RowFormat {
  @Override
  public String name() {
    return "text";
  }

  @Override
  public String summary() {
    return "plain text for SFT, every token of which is learnt";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.path("text").isTextual();
  }

  @Override
  public String exampleRow() {
    return "{\"text\": \"Once upon a time there was a fox.\"}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    return new Demonstration(Columns.id(row, id, "id"), Prompt.NONE, Columns.text(row, "text"));
  }
}
