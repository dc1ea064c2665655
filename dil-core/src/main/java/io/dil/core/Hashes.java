package io.dil.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Hashes of bytes, texts and files. */
public final class Hashes {
  private static final int BLOCK = 1 << 18;

  private Hashes() {}

  /** Begins a SHA-256, by which the hub and other tools know files. */
  public static MessageDigest sha256() {
    return begin("SHA-256");
  }

  /** Begins a SHA-1, by which Git knows files. */
  public static MessageDigest sha1() {
    return begin("SHA-1");
  }

  private static MessageDigest begin(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  /** Adds the bytes of a file. */
  public static void update(MessageDigest digest, Path file) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      while (in.read(block.clear()) >= 0) {
        digest.update(block.flip());
      }
    }
  }

  /** Ends a hash and returns it in hexadecimal digits. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the SHA-256 of a text's UTF-8 bytes. */
  public static byte[] sha256(String text) {
    return sha256().digest(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the SHA-256 of a text's UTF-8 bytes in hexadecimal digits. */
  public static String hex(String text) {
    return HexFormat.of().formatHex(sha256(text));
  }
}
