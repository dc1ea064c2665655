package io.dil.core.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Writes safetensors files, a slice of one tensor in memory at a time. */
public final class SafetensorsWriter {
  /**
   * The header is padded with spaces so that the data begins on such a boundary. The format asks
   * for 8; torch's own memory is aligned to 64, and a mapped file should be no other place to
   * compute in.
   */
  private static final int ALIGNMENT = 64;

  private SafetensorsWriter() {}

  /** Takes the bytes of a tensor, a part at a time. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the next bytes; the buffer is the caller's again when this returns. */
    void accept(ByteBuffer bytes) throws IOException;
  }

  /** Gives the bytes of a tensor, in as many parts as it likes. */
  @FunctionalInterface
  public interface Content {
    /** Hands all bytes to {@code sink}, little-endian, in row order. */
    void write(Sink sink) throws IOException;
  }

  /**
   * One tensor to write.
   *
   * @param name its name
   * @param type its element type
   * @param shape its dimensions
   * @param content gives its bytes; called once, when they are written
   */
  public record Tensor(String name, StorageType type, List<Long> shape, Content content) {
    /** Returns a tensor whose bytes are in one buffer. */
    public static Tensor of(
        String name, StorageType type, List<Long> shape, Supplier<ByteBuffer> bytes) {
      return new Tensor(name, type, shape, sink -> sink.accept(bytes.get()));
    }

    /** Returns the number of bytes. */
    public long size() {
      return shape.stream().reduce(1L, Math::multiplyExact) * type.bytes();
    }
  }

  /**
   * Writes {@code file}, whole or not at all.
   *
   * @param metadata strings kept under {@code __metadata__}; {@code format: pt} is what
   *     transformers asks for
   */
  public static void write(Path file, List<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          writeAll(channel, header(tensors, metadata));
          for (Tensor tensor : tensors) {
            writeBody(channel, tensor);
          }
        });
  }

  /** Takes part in giving tensors that another rank writes. */
  public static void discard(List<Tensor> tensors) throws IOException {
    for (Tensor tensor : tensors) {
      tensor.content().write(bytes -> {});
    }
  }

  private static void writeBody(FileChannel channel, Tensor tensor) throws IOException {
    long before = channel.position();
    tensor.content().write(bytes -> writeAll(channel, bytes));
    long written = channel.position() - before;
    if (written != tensor.size()) {
      throw new IllegalStateException(
          "tensor '" + tensor.name() + "' must give " + tensor.size() + " bytes, got " + written);
    }
  }

  private static ByteBuffer header(List<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject("__metadata__");
      // In the order of their names: equal content is equal bytes.
      new TreeMap<>(metadata).forEach(node::put);
    }
    long at = 0;
    for (Tensor tensor : tensors) {
      ObjectNode node = root.putObject(tensor.name());
      node.put("dtype", tensor.type().name());
      ArrayNode shape = node.putArray("shape");
      tensor.shape().forEach(shape::add);
      node.putArray("data_offsets").add(at).add(at + tensor.size());
      at += tensor.size();
    }
    String text = json.writeValueAsString(root);
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int padding = (ALIGNMENT - (8 + utf8.length) % ALIGNMENT) % ALIGNMENT;
    ByteBuffer header =
        ByteBuffer.allocate(8 + utf8.length + padding).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(utf8.length + padding).put(utf8);
    for (int i = 0; i < padding; i++) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
