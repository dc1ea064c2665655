package io.dil.data.hub;

import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One repository's folder in the cache, laid out as huggingface_hub does: {@code blobs} holds
 * contents by hash, {@code snapshots/COMMIT} links to them by path, {@code refs/REVISION} says
 * which commit a name meant.
 */
final class HubCache {
  private final Path folder;

  HubCache(Path cache, HubAddress address) {
    this.folder = cache.resolve(address.cacheFolder());
  }

  /** Returns the commit that a revision meant when it was last asked for. */
  Optional<String> commit(String revision) throws IOException {
    Path ref = folder.resolve("refs").resolve(revision);
    if (Files.isRegularFile(ref)) {
      return Optional.of(Files.readString(ref).strip()).filter(HubNames::isCommit);
    }
    return HubNames.isCommit(revision)
            && Files.isDirectory(folder.resolve("snapshots").resolve(revision))
        ? Optional.of(revision)
        : Optional.empty();
  }

  /** Remembers which commit a revision means. */
  void remember(String revision, String commit) throws IOException {
    if (revision.equals(commit)) {
      return;
    }
    Path ref = folder.resolve("refs").resolve(revision);
    Files.createDirectories(ref.getParent());
    Path fresh = Files.createTempFile(ref.getParent(), "ref", ".tmp");
    Files.writeString(fresh, commit);
    Files.move(fresh, ref, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Returns where a commit's file lies, whether it is there or not. */
  Path file(String commit, String path) {
    Path snapshot = folder.resolve("snapshots").resolve(commit);
    Path file = snapshot.resolve(path).normalize();
    if (!file.startsWith(snapshot)) {
      throw new InputException("hub must name paths inside the repository, got " + path);
    }
    return file;
  }

  /** Returns where the content with a hash lies, whether it is there or not. */
  Path blob(String etag) {
    return folder.resolve("blobs").resolve(etag);
  }

  /** Returns the paths of a commit's files that are there. */
  List<String> files(String commit) throws IOException {
    Path snapshot = folder.resolve("snapshots").resolve(commit);
    if (!Files.isDirectory(snapshot)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(snapshot)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  /** Makes a commit's file lead to a content. */
  void link(String commit, String path, String etag) throws IOException {
    Path file = file(commit, path);
    Path parent = Objects.requireNonNull(file.getParent());
    Files.createDirectories(parent);
    Path target = parent.relativize(blob(etag));
    try {
      Files.createSymbolicLink(file, target);
    } catch (FileAlreadyExistsException e) {
      // Another process was here first, or a link led to a content that has been deleted since.
      Files.delete(file);
      Files.createSymbolicLink(file, target);
    } catch (IOException | UnsupportedOperationException e) {
      // No links on this file system: huggingface_hub moves the content itself there.
      Files.move(blob(etag), file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
