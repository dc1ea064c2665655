package io.dil.data.hub;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A part of a file as the body of a request, whose length is announced. */
final class FilePart extends InputStream {
  private final InputStream in;
  private long left;

  private FilePart(InputStream in, long left) {
    this.in = in;
    this.left = left;
  }

  /** Returns the body. Storage with signed addresses wants its length, which chunks would hide. */
  static BodyPublisher publisher(Path file, long from, long size) {
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(() -> open(file, from, size)), size);
  }

  private static InputStream open(Path file, long from, long size) {
    try {
      FileChannel channel = FileChannel.open(file).position(from);
      return new FilePart(new BufferedInputStream(Channels.newInputStream(channel), 1 << 16), size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int n = in.read(bytes, offset, (int) Math.min(length, left));
    left -= Math.max(0, n);
    return n;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
