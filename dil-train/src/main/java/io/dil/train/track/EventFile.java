package io.dil.train.track;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of scalars that TensorBoard reads.
 *
 * <p>It is a sequence of TFRecords, {@code uint64 length, uint32 crc(length), bytes, uint32
 * crc(bytes)}, little-endian, where {@code crc} is CRC-32C turned right by 15 bits plus 0xa282ead8.
 * The bytes are a protocol buffer, {@code Event}: {@code double wall_time = 1; int64 step = 2;
 * string file_version = 3; Summary summary = 5}, where a summary is {@code repeated Value value =
 * 1} and a value {@code string tag = 1; float simple_value = 2}. The first event has the version
 * alone.
 *
 * <p>Source: tensorflow/core/lib/io/record_writer.cc, tensorflow/core/util/event.proto and
 * tensorflow/core/framework/summary.proto.
 */
final class EventFile implements AutoCloseable {
  private static final String VERSION = "brain.Event:2";
  private static final int MASK = 0xa282ead8;
  private static final int FRAME = Long.BYTES + 2 * Integer.BYTES;
  // No line of ours comes near it: what is longer is not a length.
  private static final long LONGEST = 1 << 24;

  private final FileChannel channel;
  private long records;

  private EventFile(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Opens a file and cuts it after so many events, or where it is damaged.
   *
   * @param most events beside the first, which has the version
   * @param wallTime seconds since 1970, of the version's event where the file is new
   */
  static EventFile open(Path path, long most, double wallTime) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    EventFile file = new EventFile(channel);
    long end = 0;
    for (long size = file.record(end); size > 0 && file.records <= most; size = file.record(end)) {
      end += size;
      file.records++;
    }
    channel.truncate(end);
    channel.position(end);
    if (file.records == 0) {
      ByteArrayOutputStream event = new ByteArrayOutputStream();
      fixed64(event, 1, wallTime);
      bytes(event, 3, VERSION.getBytes(StandardCharsets.UTF_8));
      file.append(event.toByteArray());
    }
    return file;
  }

  /** Returns the bytes of the record that begins at a place; 0 where no whole one does. */
  private long record(long at) throws IOException {
    ByteBuffer head = read(at, Long.BYTES + Integer.BYTES);
    if (head.remaining() < Long.BYTES + Integer.BYTES) {
      return 0;
    }
    long length = head.getLong();
    boolean whole = head.getInt() == masked(little(Long.BYTES).putLong(length).array());
    if (!whole || length < 0 || length > LONGEST) {
      return 0;
    }
    ByteBuffer body = read(at + Long.BYTES + Integer.BYTES, (int) length + Integer.BYTES);
    if (body.remaining() < length + Integer.BYTES) {
      return 0;
    }
    byte[] bytes = new byte[(int) length];
    body.get(bytes);
    return body.getInt() == masked(bytes) ? FRAME + length : 0;
  }

  private ByteBuffer read(long at, int size) throws IOException {
    ByteBuffer buffer = little(size);
    int got = 0;
    while (got >= 0 && buffer.hasRemaining()) {
      // Until all of it is there, or the file ends.
      got = channel.read(buffer, at + buffer.position());
    }
    return buffer.flip();
  }

  /** Returns how many events there are beside the first. */
  long events() {
    return records - 1;
  }

  /**
   * Appends an event.
   *
   * @param wallTime seconds since 1970
   * @param scalars values by tag
   */
  void append(double wallTime, long step, Map<String, Double> scalars) throws IOException {
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    for (Map.Entry<String, Double> scalar : scalars.entrySet()) {
      ByteArrayOutputStream value = new ByteArrayOutputStream();
      bytes(value, 1, scalar.getKey().getBytes(StandardCharsets.UTF_8));
      value.write((2 << 3) | 5);
      value.write(little(Float.BYTES).putFloat(scalar.getValue().floatValue()).array());
      bytes(summary, 1, value.toByteArray());
    }
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    fixed64(event, 1, wallTime);
    if (step != 0) {
      // What is its type's default is not written.
      event.write(2 << 3);
      varint(event, step);
    }
    bytes(event, 5, summary.toByteArray());
    append(event.toByteArray());
  }

  private void append(byte[] event) throws IOException {
    byte[] length = little(Long.BYTES).putLong(event.length).array();
    ByteBuffer record = little(FRAME + event.length);
    record.put(length).putInt(masked(length)).put(event).putInt(masked(event)).flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
    records++;
  }

  private static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void fixed64(ByteArrayOutputStream out, int field, double value) {
    out.write((field << 3) | 1);
    out.writeBytes(little(Double.BYTES).putDouble(value).array());
  }

  private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
    out.write((field << 3) | 2);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
