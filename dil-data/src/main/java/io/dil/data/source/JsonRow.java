package io.dil.data.source;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A row whose bytes are one JSON object.
 *
 * @param file the file it stands in
 * @param line the line on which it begins, counted from 1
 * @param bytes the object, undecoded; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; copying every row would cost a pass.
record JsonRow(DataFile file, long line, byte[] bytes) implements Row {
  @Override
  public String place() {
    return file.shown() + ":" + line;
  }

  @Override
  public String id() {
    return file.name() + ":" + line;
  }

  @Override
  public JsonNode columns() {
    return JsonText.object(place(), bytes);
  }
}
