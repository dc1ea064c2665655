package io.dil.data.source;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import io.dil.data.format.RowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Decodes bytes as strict UTF-8 and strict JSON: what is malformed is an error, never repaired. */
final class JsonText {
  private static final ObjectReader READER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Python's json writes NaN; it occurs in the scores of published sets.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build()
          .reader()
          .with(StreamReadFeature.USE_FAST_DOUBLE_PARSER);

  /** What a lenient decoder writes for what is not UTF-8. */
  private static final char REPLACEMENT = '\ufffd';

  private JsonText() {}

  /**
   * Returns the object that the bytes spell.
   *
   * @param place where the bytes stand, for errors
   */
  static JsonNode object(String place, byte[] bytes) {
    String text = decode(place, bytes);
    JsonNode value;
    try (JsonParser parser = READER.createParser(text)) {
      value = READER.readTree(parser);
    } catch (JsonProcessingException e) {
      throw new InputException(place + ": not valid JSON: " + firstLine(e.getOriginalMessage()), e);
    } catch (java.io.IOException e) {
      throw new InputException(place + ": not valid JSON: " + firstLine(e.toString()), e);
    }
    if (value == null || !value.isObject()) {
      throw new InputException(
          place
              + ": row must be a JSON object, got "
              + (value == null ? "nothing" : value.getNodeType().name().toLowerCase(Locale.ROOT)));
    }
    // Half a surrogate pair is legal in JSON's grammar but is no text; no tokenizer takes it.
    if (mayHoldSurrogates(text) && !isText(value)) {
      throw new InputException(place + ": not valid Unicode: half of a surrogate pair");
    }
    return value;
  }

  /** Returns whether an escape can stand for half a pair; the bytes themselves cannot. */
  private static boolean mayHoldSurrogates(String json) {
    return json.contains("\\ud") || json.contains("\\uD");
  }

  private static boolean isText(JsonNode value) {
    if (value.isTextual()) {
      return StandardCharsets.UTF_8.newEncoder().canEncode(value.textValue());
    }
    for (JsonNode part : value) {
      if (!isText(part)) {
        return false;
      }
    }
    return true;
  }

  /** Returns the bytes as text; bytes that are not UTF-8 are an error that says where they are. */
  static String decode(String place, byte[] bytes) {
    try {
      return decode(bytes);
    } catch (RowException e) {
      throw new InputException(place + ": " + e.getMessage(), e);
    }
  }

  /** Returns the bytes as text, for a caller that does not know their place. */
  static String decode(byte[] bytes) {
    String lenient = new String(bytes, StandardCharsets.UTF_8);
    if (lenient.indexOf(REPLACEMENT) < 0) {
      return lenient;
    }
    // Either the text holds that character, or something was malformed: the slow decoder knows.
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(in)
          .toString();
    } catch (CharacterCodingException e) {
      throw new RowException("not valid UTF-8 at byte " + (in.position() + 1));
    }
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
