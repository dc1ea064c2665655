package io.dil.data.token;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files that describe a tokenizer in a model folder, parsed.
 *
 * @param folder where they lie
 * @param tokenizer {@code tokenizer.json}
 * @param config {@code tokenizer_config.json}; missing if there is none
 * @param specials {@code special_tokens_map.json}; missing if there is none
 * @param generation {@code generation_config.json}; missing if there is none
 * @param model {@code config.json}; missing if there is none
 */
record TokenizerFolder(
    Path folder,
    JsonNode tokenizer,
    JsonNode config,
    JsonNode specials,
    JsonNode generation,
    JsonNode model) {
  /** A vocabulary is an object with 100 000 names, of which none comes twice: none is kept. */
  private static final JsonMapper JSON =
      new JsonMapper(
          JsonFactory.builder()
              .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
              .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
              .build());

  /** Reads the folder; only {@code tokenizer.json} must be there. */
  static TokenizerFolder read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(folder + ": not a model folder (no such directory)");
    }
    JsonNode tokenizer = json(folder.resolve("tokenizer.json"));
    if (tokenizer.isMissingNode()) {
      throw new InputException(folder.resolve("tokenizer.json") + ": no such file");
    }
    return new TokenizerFolder(
        folder,
        tokenizer,
        json(folder.resolve("tokenizer_config.json")),
        json(folder.resolve("special_tokens_map.json")),
        json(folder.resolve("generation_config.json")),
        json(folder.resolve("config.json")));
  }

  /** Returns the text of a special token such as {@code eos_token}, wherever it is written down. */
  Optional<String> specialToken(String name) {
    for (JsonNode source : List.of(config, specials)) {
      JsonNode value = source.path(name);
      // Either the text itself or an object that describes an added token.
      JsonNode content = value.isObject() ? value.path("content") : value;
      if (content.isTextual() && !content.textValue().isEmpty()) {
        return Optional.of(content.textValue());
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the ids that generation ends at: a number or a list, in the generation or model config.
   */
  List<Integer> endIds() {
    List<Integer> ids = new ArrayList<>();
    for (JsonNode source : List.of(generation, model)) {
      JsonNode value = source.path("eos_token_id");
      if (value.isInt() && value.intValue() >= 0) {
        ids.add(value.intValue());
      }
      for (JsonNode id : value) {
        if (id.isInt() && id.intValue() >= 0) {
          ids.add(id.intValue());
        }
      }
    }
    return ids;
  }

  /** Returns the chat template as text: its own file before the tokenizer's configuration. */
  Optional<String> chatTemplate() {
    Path own = folder.resolve("chat_template.jinja");
    if (Files.exists(own)) {
      try {
        return Optional.of(Files.readString(own));
      } catch (IOException e) {
        throw new InputException(own + ": cannot be read: " + e.getMessage(), e);
      }
    }
    JsonNode value = config.path("chat_template");
    if (value.isTextual()) {
      return Optional.of(value.textValue());
    }
    // Several named templates; "default" is the one that conversations are rendered with.
    for (JsonNode named : value) {
      if (named.path("name").asText().equals("default") && named.path("template").isTextual()) {
        return Optional.of(named.path("template").textValue());
      }
    }
    return Optional.empty();
  }

  /** Returns the largest id that the tokenizer can give. */
  int largestId() {
    int largest = -1;
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        largest = Math.max(largest, id(id));
      }
    } else {
      // A unigram model lists its pieces; the position is the id.
      largest = vocabulary.size() - 1;
    }
    for (JsonNode token : tokenizer.path("added_tokens")) {
      largest = Math.max(largest, id(token.path("id")));
    }
    return largest;
  }

  /** Returns an id of the vocabulary; the library's are unsigned, ours are Java's. */
  private int id(JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
      throw new InputException(
          folder.resolve("tokenizer.json")
              + ": id of a token must be an integer from 0 to 2147483647, got "
              + (node.isMissingNode() ? "nothing" : node));
    }
    return node.intValue();
  }

  private static JsonNode json(Path file) {
    if (!Files.exists(file)) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
