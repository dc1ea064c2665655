package io.dil.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.data.Parsed;

/** A layout in which preference data is published: how one row becomes an example. */
public interface RowFormat {
  /** Returns the name by which a spec asks for this format. */
  String name();

  /** Returns one sentence that says what the rows hold and who publishes them. */
  String summary();

  /** Returns whether a row's columns look like this format, when none was named. */
  boolean fits(JsonNode row);

  /** Returns one row as it is published, as JSON on one line. */
  String exampleRow();

  /**
   * Reads one row.
   *
   * @param id the id to give the example if the row has none of its own
   * @param row the row's columns, an object
   * @return the example, or why it cannot be one
   * @throws RowException if a column is missing or has the wrong type
   */
  Parsed read(String id, JsonNode row);
}
