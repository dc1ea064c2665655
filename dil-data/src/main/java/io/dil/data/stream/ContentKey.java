package io.dil.data.stream;

import io.dil.core.Hashes;
import io.dil.data.Demonstration;
import io.dil.data.Example;
import io.dil.data.LabelledResponse;
import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The first 128 bits of the SHA-256 of a content: the same on every machine and in every run.
 *
 * @param high the first 64
 * @param low the next 64
 */
record ContentKey(long high, long low) {
  /** Returns the key of a whole example, its id apart. */
  static ContentKey of(Example example) {
    if (example instanceof PreferencePair pair) {
      return of(pair.prompt().asText(), pair.chosen().asText(), pair.rejected().asText());
    }
    if (example instanceof LabelledResponse labelled) {
      return of(
          labelled.prompt().asText(), labelled.response().asText(), "" + labelled.desirable());
    }
    if (example instanceof Demonstration demonstration) {
      return of(demonstration.prompt().asText(), demonstration.response().asText());
    }
    throw new IllegalArgumentException("example must be of a known kind, got " + example);
  }

  /**
   * Returns the key of what decides the side of the hold-out split: the prompt, or a text without
   * one.
   */
  static ContentKey ofPrompt(Example example) {
    boolean none = example.prompt().equals(Prompt.NONE);
    return none && example instanceof Demonstration text
        ? of(text.response().asText())
        : of(example.prompt().asText());
  }

  private static ContentKey of(String... texts) {
    MessageDigest digest = Hashes.sha256();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      // The length in front keeps ("ab", "c") apart from ("a", "bc").
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
      digest.update(bytes);
    }
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    return new ContentKey(hash.getLong(), hash.getLong());
  }

  /** Returns the 16 bytes of the key. */
  byte[] bytes() {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
  }

  /** Returns the key as a number from 0 (inclusive) to 1 (exclusive). */
  double fraction() {
    return (high >>> 11) * 0x1.0p-53;
  }
}
