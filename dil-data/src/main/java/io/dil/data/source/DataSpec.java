package io.dil.data.source;

import io.dil.core.InputException;
import io.dil.data.format.Formats;
import io.dil.data.format.JavaExamples;
import io.dil.data.format.ReadyFormat;
import io.dil.data.format.RowFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names a data set: how its rows are laid out and where they are.
 *
 * @param format the layout of a row
 * @param place a file, folder, glob or {@code hf://} address
 * @param found its files, where they were looked for once and for all; null where they were not
 */
public record DataSpec(RowFormat format, String place, @Nullable List<DataFile> found) {
  /** Names a data set whose files are looked for whenever they are asked for. */
  public DataSpec(RowFormat format, String place) {
    this(format, place, null);
  }

  /**
   * Reads {@code FORMAT:PLACE}.
   *
   * <p>With {@code auto} as the format, the first row decides. With {@code java}, the place is the
   * name of a data set that the program has put into {@link JavaExamples}. Columns that have other
   * names in the data follow the format: {@code pairs,prompt=question,chosen=best:PLACE}.
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
    if (place.chars().anyMatch(Character::isISOControl)) {
      throw new InputException(
          "place of a data set must have no control characters, got "
              + spec.replaceAll("\\p{Cntrl}", "?"));
    }
    String format = spec.substring(0, colon);
    if (format.equals(JavaExamples.FORMAT)) {
      return new DataSpec(ReadyFormat.WHOLE, place);
    }
    return new DataSpec(
        format.equals(Formats.AUTO) ? Guess.format(place) : Formats.spelled(format), place);
  }

  /** Returns the same with the format's columns under other names, unless it has some already. */
  public DataSpec with(Map<String, String> columns) {
    return isJava() ? this : new DataSpec(Formats.mapped(format, columns), place);
  }

  /** Returns whether the examples are a program's own, under the place as their name. */
  public boolean isJava() {
    return format == ReadyFormat.WHOLE;
  }

  /**
   * Returns the files of the place in the order of their names; at least one, or a program's none.
   */
  public List<DataFile> files() {
    if (isJava()) {
      return List.of();
    }
    return found == null ? Places.files(place) : found;
  }

  /**
   * Returns this data set with its files looked for now and never again: what comes into a folder
   * later is no part of it, and a hub is asked once.
   */
  public DataSpec located() {
    return found == null ? new DataSpec(format, place, List.copyOf(files())) : this;
  }

  @Override
  public String toString() {
    return format.name() + ":" + place;
  }
}
