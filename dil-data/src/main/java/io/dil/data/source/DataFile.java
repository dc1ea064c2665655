package io.dil.data.source;

import io.dil.core.Hashes;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * A file of rows.
 *
 * @param path where it lies
 * @param shown how errors name it
 */
public record DataFile(Path path, String shown) {

  /** A file that errors name the way it was asked for. */
  public static DataFile of(Path path) {
    return new DataFile(path, path.toString());
  }

  /** Returns the last part of the path. */
  public String name() {
    Path last = path.getFileName();
    return last == null ? path.toString() : last.toString();
  }

  /** Returns the size in bytes, as it lies on disk. */
  public long size() {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw new InputException(shown + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the SHA-256 of the bytes on disk. */
  public byte[] sha256() {
    try {
      MessageDigest digest = Hashes.sha256();
      Hashes.update(digest, path);
      return digest.digest();
    } catch (IOException e) {
      throw new InputException(shown + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
