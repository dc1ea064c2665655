package io.dil.data.source;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One row, found in its file but not yet decoded, so that decoding can happen on another thread and
 * rows that are skipped cost next to nothing.
 */
public interface Row {
  /** Returns where the row stands: {@code file:line}, the way errors name it. */
  String place();

  /** Returns an id that does not depend on where the file lies: its name and the row's line. */
  String id();

  /**
   * Decodes the row.
   *
   * @return its columns, an object
   * @throws io.dil.core.InputException if the bytes are not what the container promises
   */
  JsonNode columns();
}
