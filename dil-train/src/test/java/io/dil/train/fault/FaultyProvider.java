package io.dil.train.fault;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * The default file system with faults, for {@code
 * -Djava.nio.file.spi.DefaultFileSystemProvider=io.dil.train.fault.FaultyProvider}: all of Java's
 * files go through it. Torch's own mapping of a file does not.
 */
public final class FaultyProvider extends FileSystemProvider {
  private final FileSystemProvider real;
  private final FaultySystem system;

  /** Called by the JVM. */
  public FaultyProvider(FileSystemProvider real) {
    this.real = real;
    this.system = new FaultySystem(this, real.getFileSystem(URI.create("file:///")));
  }

  private static void write(Path path, boolean deletes) throws IOException {
    if (Faults.write(path, deletes)) {
      throw new Faults.Killed();
    }
  }

  private static boolean writes(Set<? extends OpenOption> options) {
    return options.contains(StandardOpenOption.WRITE)
        || options.contains(StandardOpenOption.APPEND);
  }

  @Override
  public String getScheme() {
    return real.getScheme();
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) throws IOException {
    return real.newFileSystem(uri, env);
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return system;
  }

  @Override
  public Path getPath(URI uri) {
    return new FaultyPath(system, real.getPath(uri));
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (writes(options)) {
      write(path, false);
    } else {
      Faults.read(path);
    }
    Set<OpenOption> plain = new HashSet<>(options);
    return new FaultyChannel(real.newFileChannel(FaultyPath.real(path), plain, attributes), path);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    Faults.read(folder);
    DirectoryStream<Path> entries =
        real.newDirectoryStream(
            FaultyPath.real(folder), entry -> filter.accept(new FaultyPath(system, entry)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> each = entries.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return each.hasNext();
          }

          @Override
          public Path next() {
            return new FaultyPath(system, each.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        entries.close();
      }
    };
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    write(folder, false);
    real.createDirectory(FaultyPath.real(folder), attributes);
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
      throws IOException {
    write(link, false);
    real.createSymbolicLink(FaultyPath.real(link), FaultyPath.real(target), attributes);
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    return new FaultyPath(system, real.readSymbolicLink(FaultyPath.real(link)));
  }

  @Override
  public void delete(Path path) throws IOException {
    write(path, true);
    real.delete(FaultyPath.real(path));
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    write(to, false);
    real.copy(FaultyPath.real(from), FaultyPath.real(to), options);
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    write(to, false);
    real.move(FaultyPath.real(from), FaultyPath.real(to), options);
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return real.isSameFile(FaultyPath.real(one), FaultyPath.real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return real.isHidden(FaultyPath.real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return real.getFileStore(FaultyPath.real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    real.checkAccess(FaultyPath.real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return real.getFileAttributeView(FaultyPath.real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return real.readAttributes(FaultyPath.real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return real.readAttributes(FaultyPath.real(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    real.setAttribute(FaultyPath.real(path), name, value, options);
  }
}
