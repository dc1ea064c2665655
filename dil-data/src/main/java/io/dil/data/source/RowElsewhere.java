package io.dil.data.source;

import com.fasterxml.jackson.databind.JsonNode;

/** A row of which only the place in the order counts: another process reads what is in it. */
public final class RowElsewhere implements Row {
  /** The one of its kind. */
  public static final RowElsewhere ROW = new RowElsewhere();

  private RowElsewhere() {}

  @Override
  public String place() {
    return "elsewhere";
  }

  @Override
  public String id() {
    return "elsewhere";
  }

  @Override
  public JsonNode columns() {
    throw new IllegalStateException("this row's columns are read by another process");
  }
}
