package io.dil.data.source;

import io.dil.core.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A file of rows.
 *
 * @param path where it lies
 * @param shown how errors name it
 */
public record DataFile(Path path, String shown) {
  private static final int BLOCK = 1 << 18;

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
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] block = new byte[BLOCK];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        digest.update(block, 0, n);
      }
      return digest.digest();
    } catch (IOException e) {
      throw new InputException(shown + ": cannot be read: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
