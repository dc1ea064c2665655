package io.dil.data.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Checks the tables of {@code Precompiled} normalizers, which the tokenizers library takes on trust
 * and aborts on: SentencePiece's {@code precompiled_charsmap}, base64 of a 32-bit little-endian
 * size, a trie of that many bytes in units of four, and the UTF-8 text that it leads to.
 */
final class Charsmap {
  private Charsmap() {}

  /**
   * Checks every table of a {@code tokenizer.json}.
   *
   * @throws InputException if one is malformed
   */
  static void check(Path file, String json) {
    JsonNode root;
    try {
      root = new JsonMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": not valid JSON: " + e.getOriginalMessage(), e);
    }
    for (JsonNode normalizer : root.findParents("precompiled_charsmap")) {
      JsonNode table = normalizer.path("precompiled_charsmap");
      if (!table.isNull() && !(table.isTextual() && isWhole(table.textValue()))) {
        throw new InputException(
            file + ": precompiled_charsmap must be a trie and its text, got a damaged one");
      }
    }
  }

  private static boolean isWhole(String base64) {
    if (base64.isEmpty()) {
      return true;
    }
    try {
      ByteBuffer bytes =
          ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.remaining() < Integer.BYTES) {
        return false;
      }
      long trie = Integer.toUnsignedLong(bytes.getInt());
      if (trie == 0 || trie % Integer.BYTES != 0 || trie > bytes.remaining()) {
        return false;
      }
      bytes.position(bytes.position() + (int) trie);
      StandardCharsets.UTF_8.newDecoder().decode(bytes);
      return true;
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return false;
    }
  }
}
