package io.dil.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The GPT-2 that {@code traced.py} traced, and what torch makes of it. */
final class TracedFolder {
  private TracedFolder() {}

  /** Copies {@code model.pt} and {@code config.json} into a folder. */
  static Path unpack(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String name : List.of("config.json", "model.pt")) {
      try (InputStream in = TracedFolder.class.getResourceAsStream("/traced/gpt2/" + name)) {
        Files.write(folder.resolve(name), in.readAllBytes());
      }
    }
    return folder;
  }

  static JsonNode reference() throws IOException {
    try (InputStream in = TracedFolder.class.getResourceAsStream("/traced/reference.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  static List<TokenGroup> groups(JsonNode reference) {
    List<TokenGroup> groups = new ArrayList<>();
    for (JsonNode group : reference.path("groups")) {
      List<Tokens> responses = new ArrayList<>();
      group.path("responses").forEach(ids -> responses.add(Assets.tokens(ids)));
      groups.add(new TokenGroup(Assets.tokens(group.path("prompt")), responses));
    }
    return groups;
  }

  static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).asDouble();
    }
    return numbers;
  }
}
