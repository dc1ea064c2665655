package io.dil.core.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive in memory: a stored zip of the program's source text and a pickle of
 * its attributes, the form in which {@code torch.jit.load} takes a module.
 */
final class TorchArchive {
  /** An empty tuple, pickled: the archive has no tensor constants. */
  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

  /** Operators as torch 2 has them: a lower number gives some, gelu among them, their old form. */
  private static final byte[] OPERATORS = "10\n".getBytes(StandardCharsets.UTF_8);

  private TorchArchive() {}

  /**
   * Returns the archive of a module class {@code __torch__.Model}.
   *
   * @param source TorchScript text that defines {@code class Model(Module)}
   * @param attributes values of the attributes that the class declares: booleans, longs, doubles,
   *     strings
   */
  static byte[] write(String source, Map<String, Object> attributes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "m/data.pkl", pickle(attributes));
      store(zip, "m/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      store(zip, "m/constants.pkl", NO_CONSTANTS);
      store(zip, "m/version", OPERATORS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  // torch reads records in place, so entries must be stored, which needs size and CRC up front.
  private static void store(ZipOutputStream zip, String name, byte[] data) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(data);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(data.length);
    entry.setCrc(crc.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(data);
    zip.closeEntry();
  }

  /** Pickles, by protocol 2, an instance of {@code __torch__.Model} whose state is a dict. */
  private static byte[] pickle(Map<String, Object> attributes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x80, 2});
    out.write("c__torch__\nModel\n".getBytes(StandardCharsets.US_ASCII));
    out.write(new byte[] {')', (byte) 0x81, '}', '('});
    for (Map.Entry<String, Object> attribute : attributes.entrySet()) {
      text(out, attribute.getKey());
      value(out, attribute.getKey(), attribute.getValue());
    }
    out.write(new byte[] {'u', 'b', '.'});
    return out.toByteArray();
  }

  private static void value(ByteArrayOutputStream out, String name, Object value)
      throws IOException {
    if (value instanceof Boolean flag) {
      out.write(flag ? 0x88 : 0x89);
    } else if (value instanceof Long number) {
      out.write(0x8a);
      out.write(8);
      out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array());
    } else if (value instanceof Double number) {
      out.write('G');
      out.write(ByteBuffer.allocate(8).order(ByteOrder.BIG_ENDIAN).putDouble(number).array());
    } else if (value instanceof String string) {
      text(out, string);
    } else {
      throw new IllegalArgumentException(
          "attribute '"
              + name
              + "' must be a Boolean, Long, Double or String, got "
              + value.getClass().getSimpleName());
    }
  }

  private static void text(ByteArrayOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    out.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
    out.write(utf8);
  }
}
