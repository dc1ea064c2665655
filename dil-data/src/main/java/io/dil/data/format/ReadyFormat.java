package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Example;
import io.dil.data.Parsed;
import java.util.Optional;

/**
 * The format of an example that a program has made already.
 *
 * @param example the example; empty for the data set as a whole
 */
public record ReadyFormat(Optional<Example> example) implements RowFormat {
  /** The format of a program's data set. */
  public static final ReadyFormat WHOLE = new ReadyFormat(Optional.empty());

  @Override
  public String name() {
    return JavaExamples.FORMAT;
  }

  @Override
  public String summary() {
    return "examples that a program makes";
  }

  @Override
  public boolean fits(JsonNode row) {
    return false;
  }

  @Override
  public String exampleRow() {
    return "{}";
  }

  @Override
  public Parsed read(String id, JsonNode row) {
    return example.orElseThrow();
  }
}
