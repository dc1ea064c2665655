package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Demonstration;
import io.dil.data.Parsed;
import io.dil.data.Prompt;

/** A format as a user of the library writes one; META-INF/services names it. */
public final class OwnFormat implements RowFormat {
  @Override
  public String name() {
    return "own-test";
  }

  @Override
  public String summary() {
    return "a format of the tests";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.has("own_ask") && row.has("own_say");
  }

  @Override
  public String exampleRow() {
    return "{\"own_ask\": \"a\", \"own_say\": \"b\"}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    return new Demonstration(
        id, new Prompt.Plain(row.path("own_ask").asText()), row.path("own_say").asText());
  }
}
