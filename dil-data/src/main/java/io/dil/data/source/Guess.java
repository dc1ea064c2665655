package io.dil.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.format.Formats;
import io.dil.data.format.RowFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Tells the format of a place from the columns of its first row. */
final class Guess {
  private Guess() {}

  static RowFormat format(String place) {
    DataFile file = Places.files(place).get(0);
    try (RowReader rows = Containers.open(file)) {
      Row first = rows.next();
      if (first == null) {
        throw new InputException(file.shown() + ": file must hold at least one row, got none");
      }
      JsonNode columns = first.columns();
      List<String> names = new ArrayList<>();
      columns.fieldNames().forEachRemaining(names::add);
      return Formats.guess(columns)
          .orElseThrow(
              () ->
                  new InputException(
                      first.place()
                          + ": row must have the columns of one of "
                          + Formats.names().replace(Formats.AUTO + ", ", "")
                          + ", got "
                          + String.join(", ", names).replaceAll("\\R", " ")));
    } catch (IOException e) {
      throw new InputException(file.shown() + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
