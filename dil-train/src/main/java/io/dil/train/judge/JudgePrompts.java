package io.dil.train.judge;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.dil.core.InputException;
import io.dil.train.config.YamlNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The prompts that are known by name. A new one is a file beside this list, and a line in it. */
public final class JudgePrompts {
  private static final List<String> FILES = List.of("hh", "tldr");

  private static final List<String> KEYS =
      List.of(
          "about",
          "system",
          "user",
          "verdict",
          "labels",
          "prompt_from",
          "prompt_to",
          "cut_answers_at");

  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private JudgePrompts() {}

  /** Returns the known names. */
  public static List<String> names() {
    return FILES;
  }

  /**
   * Returns a prompt.
   *
   * @param name a known name, or a YAML file with the same keys
   * @throws InputException if there is none, or it is malformed
   */
  public static JudgePrompt of(String name) {
    try {
      if (FILES.contains(name)) {
        try (InputStream in = JudgePrompts.class.getResourceAsStream(name + ".yaml")) {
          if (in == null) {
            throw new IllegalStateException(name + ".yaml must lie beside the list of prompts");
          }
          return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
      Path file = Path.of(name);
      if (!Files.isRegularFile(file)) {
        throw new InputException(
            "prompt must be one of " + FILES + " or a YAML file, got '" + name + "'");
      }
      return parse(name, Files.readString(file));
    } catch (IOException e) {
      throw new InputException(name + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static JudgePrompt parse(String name, String content) {
    JsonNode root;
    try {
      root = YAML.readTree(content);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new InputException(name + ":" + line + ": not a YAML map of a prompt", e);
    }
    YamlNode node = new YamlNode(name, root, KEYS);
    String user = node.text("user");
    for (String place : List.of("{prompt}", "{first}", "{second}")) {
      if (!user.contains(place)) {
        throw node.error("user", "a text with {prompt}, {first} and {second}");
      }
    }
    List<String> labels = node.texts("labels");
    if (labels.size() != 2 || labels.get(0).equals(labels.get(1))) {
      throw node.error("labels", "a list of two different texts");
    }
    return new JudgePrompt(
        name,
        node.text("system", ""),
        user,
        node.text("verdict"),
        labels,
        node.text("prompt_from", ""),
        node.text("prompt_to", ""),
        node.texts("cut_answers_at"));
  }
}
