package io.dil.train.fault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file whose reads and writes {@link Faults} may fail. */
final class FaultyChannel extends FileChannel {
  private final FileChannel real;
  private final Path path;

  FaultyChannel(FileChannel real, Path path) {
    this.real = real;
    this.path = path;
    Faults.opened(this);
  }

  /** Closes the file without a word, as the end of a process does. */
  void abandon() {
    try {
      real.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Does half of a write where the process ends within it. */
  private boolean dies(ByteBuffer source) throws IOException {
    if (!Faults.write(path, false)) {
      return false;
    }
    ByteBuffer half = source.duplicate();
    real.write(half.limit(half.position() + half.remaining() / 2));
    return true;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (dies(source)) {
      throw new Faults.Killed();
    }
    return real.write(source);
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    if (Faults.write(path, false)) {
      throw new Faults.Killed();
    }
    return real.write(sources, offset, length);
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    if (Faults.write(path, false)) {
      throw new Faults.Killed();
    }
    return real.write(source, position);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    Faults.read(path);
    return real.read(target);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    Faults.read(path);
    return real.read(targets, offset, length);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    Faults.read(path);
    return real.read(target, position);
  }

  @Override
  public long position() throws IOException {
    return real.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    real.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    if (size < real.size() && Faults.write(path, true)) {
      throw new Faults.Killed();
    }
    real.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    if (Faults.write(path, false)) {
      throw new Faults.Killed();
    }
    // The disk is not asked to keep it: the tests have no power cut.
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    Faults.read(path);
    return real.transferTo(position, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count)
      throws IOException {
    if (Faults.write(path, false)) {
      throw new Faults.Killed();
    }
    return real.transferFrom(source, position, count);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    Faults.read(path);
    return real.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return real.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return real.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    Faults.closed(this);
    real.close();
  }
}
