package io.dil.train.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads settings from YAML and from {@code key=value} words. */
public final class ConfigFile {
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final ObjectMapper WRITER =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .build());

  private ConfigFile() {}

  /** Returns settings as YAML, a line or more for each, in their order. */
  public static String text(Map<String, ? extends @Nullable Object> settings) {
    try {
      return WRITER.writeValueAsString(settings);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Returns the settings of {@code file} with {@code overrides} over them.
   *
   * @param file YAML, a map of settings; null where all are overrides
   * @param overrides words of {@code key=value}, whose values are YAML
   * @throws InputException if the file cannot be read or is no such map, with {@code file:line}
   */
  public static Given read(@Nullable Path file, List<String> overrides) {
    Given settings = new Given(file == null ? "" : file.toString());
    if (file != null) {
      parse(file, settings);
    }
    for (String override : overrides) {
      int equals = override.indexOf('=');
      if (equals < 1) {
        throw new InputException("override must be KEY=VALUE, got '" + override + "'");
      }
      settings.put(override.substring(0, equals), value(override, equals), "");
    }
    return settings;
  }

  private static void parse(Path file, Given settings) {
    try {
      String text = Files.readString(file);
      Map<String, Object> values =
          YAML.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
      if (values != null) {
        Map<String, Integer> lines = lines(text);
        values.forEach(
            (key, value) -> settings.put(key, value, file + ":" + lines.getOrDefault(key, 1)));
      }
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      String first = e.getOriginalMessage().lines().findFirst().orElse("not valid YAML");
      throw new InputException(file + ":" + line + ": not a YAML map of settings: " + first, e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the line of each key of the outermost map. */
  private static Map<String, Integer> lines(String text) throws IOException {
    Map<String, Integer> lines = new LinkedHashMap<>();
    try (JsonParser parser = YAML.createParser(text)) {
      int depth = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd()) {
          depth--;
        } else if (token == JsonToken.FIELD_NAME && depth == 1) {
          lines.put(parser.currentName(), parser.currentTokenLocation().getLineNr());
        }
      }
    }
    return lines;
  }

  private static Object value(String override, int equals) {
    String text = override.substring(equals + 1);
    try {
      Object value = YAML.readValue(text, Object.class);
      return value == null ? text : value;
    } catch (JsonProcessingException e) {
      // A path may hold what YAML gives a meaning.
      return text;
    }
  }
}
