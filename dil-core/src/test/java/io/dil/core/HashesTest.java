package io.dil.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of FIPS 180-4's appendix, as text and as a file. */
class HashesTest {
  private static final String SHA256_OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  private static final String SHA1_OF_ABC = "a9993e364706816aba3e25717850c26c9cd0d89d";

  @TempDir Path folder;

  @Test
  void areTheStandards() throws IOException {
    Path file = Files.writeString(folder.resolve("abc"), "abc");
    MessageDigest sha1 = Hashes.sha1();
    Hashes.update(sha1, file);
    assertEquals(SHA1_OF_ABC, Hashes.hex(sha1));
    assertEquals(SHA256_OF_ABC, Hashes.hex("abc"));
    MessageDigest sha256 = Hashes.sha256();
    Hashes.update(sha256, file);
    assertEquals(SHA256_OF_ABC, Hashes.hex(sha256));
  }
}
