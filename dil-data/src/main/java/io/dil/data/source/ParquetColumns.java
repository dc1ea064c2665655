package io.dil.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/**
 * Assembles Parquet's columns into the JSON that a JSON lines file would have held: structs become
 * objects, lists arrays, and a value that is missing is null.
 */
final class ParquetColumns extends RecordMaterializer<ObjectNode> {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Struct root;
  private ObjectNode row = NODES.objectNode();

  ParquetColumns(MessageType schema) {
    root = new Struct(schema, value -> row = (ObjectNode) value);
  }

  @Override
  public ObjectNode getCurrentRecord() {
    return row;
  }

  @Override
  public GroupConverter getRootConverter() {
    return root;
  }

  private static Converter converter(Type type, Consumer<JsonNode> sink) {
    if (type.isPrimitive()) {
      return new Value(type.asPrimitiveType(), sink);
    }
    GroupType group = type.asGroupType();
    return isList(group) ? new Array(group, sink) : new Struct(group, sink);
  }

  private static boolean isList(GroupType group) {
    return group.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation
        && group.getFieldCount() == 1
        && group.getType(0).isRepetition(Type.Repetition.REPEATED);
  }

  /** A group with named fields. */
  private static final class Struct extends GroupConverter {
    private final GroupType type;
    private final Converter[] fields;
    private final Consumer<JsonNode> sink;
    private ObjectNode value = NODES.objectNode();

    Struct(GroupType type, Consumer<JsonNode> sink) {
      this.type = type;
      this.sink = sink;
      this.fields = new Converter[type.getFieldCount()];
      for (int i = 0; i < fields.length; i++) {
        Type field = type.getType(i);
        String name = field.getName();
        fields[i] =
            field.isRepetition(Type.Repetition.REPEATED)
                // A repeated field outside a list is an array of its own.
                ? converter(field, element -> value.withArrayProperty(name).add(element))
                : converter(field, element -> value.set(name, element));
      }
    }

    @Override
    public Converter getConverter(int field) {
      return fields[field];
    }

    @Override
    public void start() {
      value = NODES.objectNode();
      for (int i = 0; i < fields.length; i++) {
        Type field = type.getType(i);
        value.set(
            field.getName(),
            field.isRepetition(Type.Repetition.REPEATED)
                ? NODES.arrayNode()
                : NullNode.getInstance());
      }
    }

    @Override
    public void end() {
      sink.accept(value);
    }
  }

  /** A list: a group around one repeated field. */
  private static final class Array extends GroupConverter {
    private final Converter elements;
    private final Consumer<JsonNode> sink;
    private ArrayNode value = NODES.arrayNode();

    Array(GroupType type, Consumer<JsonNode> sink) {
      this.sink = sink;
      Type repeated = type.getType(0);
      // The usual three levels have a group of one field between list and element; the older two
      // have the
      // element itself (parquet-format, LogicalTypes.md, backward-compatibility rules).
      this.elements =
          isWrapper(type, repeated)
              ? new Wrapper(repeated.asGroupType().getType(0), element -> value.add(element))
              : converter(repeated, element -> value.add(element));
    }

    private static boolean isWrapper(GroupType list, Type repeated) {
      return !repeated.isPrimitive()
          && repeated.asGroupType().getFieldCount() == 1
          && !repeated.getName().equals("array")
          && !repeated.getName().equals(list.getName() + "_tuple");
    }

    @Override
    public Converter getConverter(int field) {
      return elements;
    }

    @Override
    public void start() {
      value = NODES.arrayNode();
    }

    @Override
    public void end() {
      sink.accept(value);
    }
  }

  /** The group between a list and its element; an element that is missing is null. */
  private static final class Wrapper extends GroupConverter {
    private final Converter element;
    private final Consumer<JsonNode> sink;
    private JsonNode value = NullNode.getInstance();

    Wrapper(Type type, Consumer<JsonNode> sink) {
      this.sink = sink;
      this.element = converter(type, found -> value = found);
    }

    @Override
    public Converter getConverter(int field) {
      return element;
    }

    @Override
    public void start() {
      value = NullNode.getInstance();
    }

    @Override
    public void end() {
      sink.accept(value);
    }
  }

  /** A value; bytes are text. */
  private static final class Value extends PrimitiveConverter {
    private final boolean isText;
    private final Consumer<JsonNode> sink;

    Value(PrimitiveType type, Consumer<JsonNode> sink) {
      this.isText = type.getPrimitiveTypeName() == PrimitiveType.PrimitiveTypeName.BINARY;
      this.sink = sink;
    }

    @Override
    public void addBinary(Binary bytes) {
      sink.accept(isText ? NODES.textNode(text(bytes)) : NODES.binaryNode(bytes.getBytes()));
    }

    @Override
    public void addBoolean(boolean flag) {
      sink.accept(NODES.booleanNode(flag));
    }

    @Override
    public void addDouble(double number) {
      sink.accept(NODES.numberNode(number));
    }

    @Override
    public void addFloat(float number) {
      sink.accept(NODES.numberNode(number));
    }

    @Override
    public void addInt(int number) {
      sink.accept(NODES.numberNode(number));
    }

    @Override
    public void addLong(long number) {
      sink.accept(NODES.numberNode(number));
    }

    private static String text(Binary bytes) {
      ByteBuffer buffer = bytes.toByteBuffer();
      byte[] copy = new byte[buffer.remaining()];
      buffer.duplicate().get(copy);
      return JsonText.decode(copy);
    }
  }
}
