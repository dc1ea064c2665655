package io.dil.data.source;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/**
 * Decompresses Parquet pages without Hadoop's codecs. A page never becomes larger than its header
 * says, and a header may not say more than {@link #LARGEST_PAGE}.
 */
final class ParquetCodecs implements CompressionCodecFactory {
  /** Writers aim at 1 MiB; what says it is above this is damaged. */
  static final int LARGEST_PAGE = 512 << 20;

  /** One codec: compressed bytes and the size they must have. */
  private interface Codec {
    byte[] decompress(byte[] bytes, int size) throws IOException;
  }

  /** The codecs that pages can be compressed with. */
  static final Set<CompressionCodecName> KNOWN =
      Set.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.GZIP,
          CompressionCodecName.ZSTD);

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
    return new Pages(
        switch (name) {
          case UNCOMPRESSED -> (bytes, size) -> bytes;
          case SNAPPY -> ParquetCodecs::snappy;
          case GZIP ->
              (bytes, size) -> read(new GZIPInputStream(new ByteArrayInputStream(bytes)), size);
          case ZSTD ->
              (bytes, size) -> read(new ZstdInputStream(new ByteArrayInputStream(bytes)), size);
          default -> throw new IllegalArgumentException("codec " + name + " is not supported");
        });
  }

  private static byte[] snappy(byte[] bytes, int size) throws IOException {
    if (Snappy.uncompressedLength(bytes) != size) {
      throw new IOException("page must have " + size + " bytes, got another number");
    }
    return Snappy.uncompress(bytes);
  }

  private static byte[] read(InputStream in, int size) throws IOException {
    try (in) {
      byte[] page = in.readNBytes(size);
      if (page.length != size || in.read() >= 0) {
        throw new IOException("page must have " + size + " bytes, got another number");
      }
      return page;
    }
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName name) {
    throw new IllegalStateException("only reading is offered, got a request to write " + name);
  }

  @Override
  public void release() {
    // Codecs hold nothing between pages.
  }

  /** Decompresses pages with one codec. */
  private record Pages(Codec codec) implements BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput bytes, int size) throws IOException {
      if (size < 0 || size > LARGEST_PAGE) {
        throw new IOException("page must have at most " + LARGEST_PAGE + " bytes, got " + size);
      }
      return BytesInput.from(codec.decompress(bytes.toInputStream().readAllBytes(), size));
    }

    @Override
    public void decompress(ByteBuffer input, int compressed, ByteBuffer output, int size)
        throws IOException {
      byte[] bytes = new byte[compressed];
      input.get(bytes);
      output.put(codec.decompress(bytes, size));
    }

    @Override
    public void release() {
      // Nothing is held.
    }
  }
}
