package demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.data.format.RowFormat;

/** The format {@code tickets}: what a customer asked, the answer that helped, and one that did not. */
public final class Tickets implements RowFormat {
  @Override
  public String name() {
    return "tickets";
  }

  @Override
  public String summary() {
    return "questions of customers, with an answer that helped and one that did not";
  }

  @Override
  public boolean fits(JsonNode row) {
    return row.has("asked") && row.has("helped");
  }

  @Override
  public String exampleRow() {
    return "{\"asked\":\"Where is my parcel?\",\"helped\":\"In Ghent.\",\"did_not\":\"Who knows.\"}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    return new PreferencePair(
        id,
        new Prompt.Plain(row.path("asked").asText()),
        row.path("helped").asText(),
        row.path("did_not").asText());
  }
}
