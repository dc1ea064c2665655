package io.dil.core.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, read and checked: an 8-byte little-endian length, that many
 * bytes of JSON, then the tensors' bytes, which must cover the rest of the file without a gap or an
 * overlap.
 *
 * <p>A file from the internet is not trusted. Nothing is allocated or mapped on the word of a
 * number that has not been compared with the file's size.
 *
 * @param file the file
 * @param entries the tensors, by name, in the order of their bytes
 * @param metadata the {@code __metadata__} strings
 */
public record SafetensorsHeader(
    Path file, Map<String, TensorEntry> entries, Map<String, String> metadata) {
  /** The format's own cap on the JSON, 100 MB. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Reads and checks the header of {@code file}. */
  public static SafetensorsHeader read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < 8) {
        throw bad(file, "must be at least 8 bytes long, got " + size);
      }
      long length = exactly(channel, 0, 8, file).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 2 || length > MAX_HEADER_BYTES) {
        throw bad(
            file,
            "header length must lie in [2, "
                + MAX_HEADER_BYTES
                + "], got "
                + Long.toUnsignedString(length));
      }
      if (8 + length > size) {
        throw bad(
            file,
            "header runs past the end of the file, got length "
                + length
                + " in "
                + size
                + " bytes");
      }
      ByteBuffer json = exactly(channel, 8, (int) length, file);
      return parse(file, json, 8 + length, size);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static ByteBuffer exactly(FileChannel channel, long position, int bytes, Path file)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw bad(file, "file ends inside its header");
      }
    }
    return buffer.flip();
  }

  private static SafetensorsHeader parse(Path file, ByteBuffer json, long dataStart, long size)
      throws CharacterCodingException {
    JsonNode root;
    try {
      // A fresh decoder reports malformed UTF-8 instead of replacing it.
      root = STRICT.readTree(StandardCharsets.UTF_8.newDecoder().decode(json).toString());
    } catch (CharacterCodingException e) {
      throw bad(file, "header is not UTF-8");
    } catch (JsonProcessingException e) {
      throw bad(file, "header is not valid JSON: " + e.getOriginalMessage());
    }
    if (!root.isObject()) {
      throw bad(file, "header must be a JSON object, got " + root.getNodeType());
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    List<TensorEntry> entries = new ArrayList<>();
    root.properties()
        .forEach(
            field -> {
              if (field.getKey().equals("__metadata__")) {
                field
                    .getValue()
                    .properties()
                    .forEach(item -> metadata.put(item.getKey(), item.getValue().asText()));
              } else {
                entries.add(entry(file, field.getKey(), field.getValue(), dataStart, size));
              }
            });
    return new SafetensorsHeader(file, ordered(file, entries, dataStart, size), metadata);
  }

  private static TensorEntry entry(
      Path file, String name, JsonNode node, long dataStart, long size) {
    String where = "tensor '" + name + "'";
    StorageType type = type(file, where, node.path("dtype").asText());
    List<Long> shape = new ArrayList<>();
    long bytes = type.bytes();
    if (!node.path("shape").isArray()) {
      throw bad(file, where + ": shape must be an array");
    }
    for (JsonNode dimension : node.path("shape")) {
      if (!dimension.canConvertToLong()
          || !dimension.isIntegralNumber()
          || dimension.asLong() < 0) {
        throw bad(file, where + ": dimensions must be integers >= 0, got " + dimension);
      }
      shape.add(dimension.asLong());
      try {
        bytes = Math.multiplyExact(bytes, dimension.asLong());
      } catch (ArithmeticException e) {
        throw bad(file, where + ": shape overflows, got " + node.path("shape"));
      }
    }
    JsonNode offsets = node.path("data_offsets");
    if (!offsets.isArray()
        || offsets.size() != 2
        || !offsets.get(0).canConvertToLong()
        || !offsets.get(1).canConvertToLong()) {
      throw bad(file, where + ": data_offsets must be two integers, got " + offsets);
    }
    long begin = offsets.get(0).asLong();
    long end = offsets.get(1).asLong();
    if (begin < 0 || end < begin || end > size - dataStart) {
      throw bad(
          file,
          where
              + ": data_offsets must lie within the "
              + (size - dataStart)
              + " bytes of data, got "
              + offsets);
    }
    if (end - begin != bytes) {
      throw bad(
          file,
          where
              + ": shape "
              + shape
              + " of "
              + type
              + " takes "
              + bytes
              + " bytes, got offsets for "
              + (end - begin));
    }
    return new TensorEntry(name, type, shape, dataStart + begin, dataStart + end);
  }

  private static StorageType type(Path file, String where, String name) {
    for (StorageType type : StorageType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw bad(
        file,
        where
            + ": dtype must be one of "
            + Arrays.toString(StorageType.values())
            + ", got '"
            + name
            + "'");
  }

  private static Map<String, TensorEntry> ordered(
      Path file, List<TensorEntry> entries, long dataStart, long size) {
    entries.sort(Comparator.comparingLong(TensorEntry::begin).thenComparing(TensorEntry::end));
    Map<String, TensorEntry> byName = new LinkedHashMap<>();
    long at = dataStart;
    for (TensorEntry entry : entries) {
      if (entry.begin() != at) {
        throw bad(
            file,
            "tensor '"
                + entry.name()
                + "' must begin at byte "
                + (at - dataStart)
                + " of the data ("
                + (entry.begin() < at ? "it overlaps its predecessor" : "there is a gap before it")
                + "), got "
                + (entry.begin() - dataStart));
      }
      at = entry.end();
      byName.put(entry.name(), entry);
    }
    if (at != size) {
      throw bad(
          file, "tensors end at byte " + at + " but the file has " + size + "; it may be damaged");
    }
    return byName;
  }

  private static InputException bad(Path file, String message) {
    return new InputException(file + ": " + message);
  }
}
