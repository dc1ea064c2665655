package io.dil.train.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.data.format.Formats;
import io.dil.data.format.RowException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what is continued: text as it stands, or messages in a chat template. */
final class PromptOptions {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--prompt", paramLabel = "TEXT", description = "A prompt; may be repeated.")
  private List<String> prompts = new ArrayList<>();

  @Option(
      names = "--prompts-file",
      paramLabel = "FILE",
      description = {
        "Prompts, one a line; in a file whose name ends in .jsonl, rows with",
        "\"prompt\", or with \"messages\", which are always put into the chat template."
      })
  private @Nullable Path file;

  @Option(
      names = "--chat",
      description = "Put each prompt into the model's chat template, as the user's message.")
  private boolean chat;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "The system's message before it; needs --chat.")
  private @Nullable String system;

  @Mixin private ChatTemplateOption template = new ChatTemplateOption();

  /** Returns the source of the chat template that was given, if one was. */
  Optional<String> template() {
    return template.read();
  }

  /**
   * Returns the prompts in the order in which they were given, those of the file last.
   *
   * @throws InputException if there is none, or a line of the file is malformed
   */
  List<Prompt> read() {
    if (system != null && !chat) {
      throw new InputException("--system needs --chat");
    }
    List<Prompt> all = new ArrayList<>();
    prompts.forEach(text -> all.add(prompt(text)));
    if (file != null) {
      addLines(file, all);
    }
    if (all.isEmpty()) {
      throw new InputException("--prompt or --prompts-file must give at least one prompt");
    }
    return all;
  }

  private Prompt prompt(String text) {
    if (!chat) {
      return new Prompt.Plain(text);
    }
    Turn user = new Turn(Turn.USER, text);
    return new Prompt.Chat(
        system == null ? List.of(user) : List.of(new Turn(Turn.SYSTEM, system), user));
  }

  private void addLines(Path from, List<Prompt> all) {
    boolean rows = from.toString().endsWith(".jsonl");
    try {
      int number = 0;
      for (String read : Files.readAllLines(from)) {
        number++;
        // Windows programs put a byte order mark before the first line.
        String line = number == 1 && read.startsWith("\uFEFF") ? read.substring(1) : read;
        if (!line.isBlank()) {
          all.add(rows ? row(from + ":" + number, line) : prompt(line));
        }
      }
    } catch (CharacterCodingException e) {
      throw new InputException(from + ": is not UTF-8", e);
    } catch (IOException e) {
      throw new InputException(from + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private Prompt row(String where, String line) {
    JsonNode json;
    try {
      json = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new InputException(where + ": not valid JSON: " + e.getOriginalMessage(), e);
    }
    if (json.path("prompt").isTextual()) {
      return prompt(json.path("prompt").asText());
    }
    if (!json.path("messages").isArray() || json.path("messages").isEmpty()) {
      throw new InputException(where + ": must have \"prompt\", a text, or \"messages\", a list");
    }
    try {
      return Formats.conversation(json);
    } catch (RowException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }
}
