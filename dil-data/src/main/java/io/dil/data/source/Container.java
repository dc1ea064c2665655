package io.dil.data.source;

import java.io.IOException;

/**
 * A kind of file that holds rows, of one's own: {@code FORMAT:PLACE} then takes such files like
 * JSON lines, CSV and Parquet, alone, in a folder or by a glob.
 *
 * <p>The class has a public constructor without arguments, and its name stands in {@code
 * META-INF/services/io.dil.data.source.Container}. It is asked before our own kinds.
 */
public interface Container {
  /**
   * Returns what its files' names end in, with the dot, in lower case: files with that ending are
   * taken from a folder. {@code .orc}, for instance.
   */
  String ending();

  /**
   * Opens a file whose name ends so.
   *
   * @throws IOException if it cannot be read; the message reaches the user with the file's name
   */
  RowReader open(DataFile file) throws IOException;
}
