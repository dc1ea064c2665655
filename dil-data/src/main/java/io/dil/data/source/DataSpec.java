package io.dil.data.source;

import io.dil.core.InputException;
import io.dil.data.format.Formats;
import io.dil.data.format.RowFormat;
import java.util.List;

/**
 * Names a data set: how its rows are laid out and where they are.
 *
 * @param format the layout of a row
 * @param place a file, folder, glob or {@code hf://} address
 */
public record DataSpec(RowFormat format, String place) {
  /**
   * Reads {@code FORMAT:PLACE}.
   *
   * <p>With {@code auto} as the format, the first row decides.
   *
   * @throws InputException if the format is not known or there is no place
   */
  public static DataSpec parse(String spec) {
    int colon = spec.indexOf(':');
    if (colon <= 0 || colon == spec.length() - 1) {
      throw new InputException(
          "data must be FORMAT:PLACE with a format of " + Formats.names() + ", got " + spec);
    }
    String place = spec.substring(colon + 1);
    String format = spec.substring(0, colon);
    return new DataSpec(
        format.equals(Formats.AUTO) ? Guess.format(place) : Formats.named(format), place);
  }

  /** Returns the files of the place in the order of their names; at least one. */
  public List<DataFile> files() {
    return Places.files(place);
  }

  @Override
  public String toString() {
    return format.name() + ":" + place;
  }
}
