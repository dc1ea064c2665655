package io.dil.train.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
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
final class ConfigFile {
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private ConfigFile() {}

  /** Returns the settings of {@code file} with {@code overrides} over them. */
  static Map<String, Object> read(@Nullable Path file, List<String> overrides) {
    Map<String, Object> settings = new LinkedHashMap<>();
    if (file != null) {
      settings.putAll(parse(file));
    }
    for (String override : overrides) {
      int equals = override.indexOf('=');
      if (equals < 1) {
        throw new InputException("override must be KEY=VALUE, got '" + override + "'");
      }
      settings.put(override.substring(0, equals), value(override, equals));
    }
    return settings;
  }

  private static Map<String, Object> parse(Path file) {
    try {
      Map<String, Object> settings =
          YAML.readValue(
              Files.readString(file), new TypeReference<LinkedHashMap<String, Object>>() {});
      return settings == null ? Map.of() : settings;
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
