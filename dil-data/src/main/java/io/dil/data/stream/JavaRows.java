package io.dil.data.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dil.data.Example;
import io.dil.data.format.JavaExamples;
import io.dil.data.format.ReadyFormat;
import io.dil.data.source.Row;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The examples of a program, less those before {@code skip} and after {@code take}. */
final class JavaRows implements Rows {
  private final String name;
  private final Iterator<? extends Example> examples;
  private long skip;
  private long left;
  private long number;

  JavaRows(String name, long skip, long take) {
    this.name = name;
    this.examples = JavaExamples.open(name);
    this.skip = skip;
    this.left = take;
  }

  @Override
  public @Nullable FormattedRow next() {
    for (; skip > 0 && examples.hasNext(); skip--) {
      examples.next();
      number++;
    }
    if (left == 0 || !examples.hasNext()) {
      return null;
    }
    left--;
    number++;
    return new FormattedRow(
        new Place(name + ":" + number), new ReadyFormat(Optional.of(examples.next())));
  }

  @Override
  public void close() {
    // Nothing is open.
  }

  private record Place(String place) implements Row {
    @Override
    public String id() {
      return place;
    }

    @Override
    public JsonNode columns() {
      return JsonNodeFactory.instance.objectNode();
    }
  }
}
