package demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.data.source.Container;
import io.dil.data.source.DataFile;
import io.dil.data.source.Row;
import io.dil.data.source.RowReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;

/** Files ending in .tsv: a header, then a row a line, fields between tabs. */
public final class TabbedFile implements Container {
  @Override
  public String ending() {
    return ".tsv";
  }

  @Override
  public RowReader open(DataFile file) throws IOException {
    BufferedReader in = Files.newBufferedReader(file.path());
    String[] names = in.readLine().split("\t");
    return new RowReader() {
      private long line = 1;

      @Override
      public Row next() throws IOException {
        String text = in.readLine();
        if (text == null) {
          return null;
        }
        line++;
        return new TabbedRow(file, line, names, text);
      }

      @Override
      public long line() {
        return line;
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }

  private record TabbedRow(DataFile file, long line, String[] names, String text) implements Row {
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
      ObjectNode columns = JsonNodeFactory.instance.objectNode();
      String[] fields = text.split("\t", -1);
      for (int i = 0; i < names.length; i++) {
        columns.put(names[i], fields[i]);
      }
      return columns;
    }
  }
}
