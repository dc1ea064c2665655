package io.dil.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import java.io.IOException;
import java.util.Locale;
import java.util.function.LongPredicate;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Reads a Parquet file, a row group at a time; a row's place is its row group and its number in it,
 * both counted from 0, as {@code pyarrow} counts them.
 */
final class ParquetReader implements RowReader {
  private final DataFile file;
  private final ParquetFileReader parquet;
  private final MessageType schema;
  private final MessageColumnIO columns;
  private final LongPredicate here;
  private @Nullable RecordReader<ObjectNode> records;
  private int group = -1;
  private long inGroup;
  private long groupSize;
  private long number;

  /**
   * Opens a file.
   *
   * @param here which row groups are read; of the others only the number of rows counts
   */
  ParquetReader(DataFile file, LongPredicate here) throws IOException {
    this.file = file;
    this.here = here;
    try {
      parquet =
          ParquetFileReader.open(
              new LocalInputFile(file.path()),
              ParquetReadOptions.builder(new PlainParquetConfiguration())
                  .withCodecFactory(new ParquetCodecs())
                  .withUseHadoopVectoredIo(false)
                  .usePageChecksumVerification()
                  .build());
      requireKnownCodecs();
      schema = parquet.getFileMetaData().getSchema();
      columns = new ColumnIOFactory().getColumnIO(schema);
    } catch (InputException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new InputException(file.shown() + ": not a Parquet file: " + reason(e), e);
    }
  }

  private void requireKnownCodecs() throws IOException {
    for (BlockMetaData block : parquet.getFooter().getBlocks()) {
      for (ColumnChunkMetaData column : block.getColumns()) {
        if (!ParquetCodecs.KNOWN.contains(column.getCodec())) {
          parquet.close();
          throw new InputException(
              file.shown()
                  + ": Parquet must be compressed with one of uncompressed, snappy, gzip, zstd, got "
                  + column.getCodec().name().toLowerCase(Locale.ROOT));
        }
      }
    }
  }

  @Override
  public @Nullable Row next() throws IOException {
    try {
      while (inGroup == groupSize) {
        if (group + 1 == parquet.getRowGroups().size()) {
          return null;
        }
        group++;
        inGroup = 0;
        groupSize = parquet.getRowGroups().get(group).getRowCount();
        records = here.test(group) && groupSize > 0 ? open() : null;
      }
      if (!here.test(group)) {
        inGroup++;
        number++;
        return RowElsewhere.ROW;
      }
      RecordReader<ObjectNode> reader = records;
      ObjectNode row = reader == null ? null : reader.read();
      if (row == null) {
        throw new InputException(place() + ": row group ends too early");
      }
      Row found = new ParquetRow(place(), file.name() + ":" + number, row);
      inGroup++;
      number++;
      return found;
    } catch (RuntimeException e) {
      if (e instanceof InputException) {
        throw e;
      }
      throw new InputException(place() + ": damaged: " + reason(e), e);
    }
  }

  private @Nullable RecordReader<ObjectNode> open() throws IOException {
    PageReadStore pages = parquet.readRowGroup(group);
    return pages == null ? null : columns.getRecordReader(pages, new ParquetColumns(schema));
  }

  private String place() {
    return file.shown() + ":row group " + Math.max(group, 0) + ", row " + inGroup;
  }

  /** Returns the innermost cause's message on one line. */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = String.valueOf(cause.getMessage());
    return message.lines().findFirst().orElse(cause.getClass().getSimpleName());
  }

  @Override
  public long line() {
    return number + 1;
  }

  @Override
  public void close() throws IOException {
    parquet.close();
  }

  /** A row, assembled already. */
  private record ParquetRow(String place, String id, ObjectNode row) implements Row {
    @Override
    public JsonNode columns() {
      return row;
    }
  }
}
