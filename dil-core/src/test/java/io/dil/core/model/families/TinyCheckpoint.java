package io.dil.core.model.families;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.Assets;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A random checkpoint and what transformers computed with it (src/test/python/families.py). */
record TinyCheckpoint(Path path, JsonNode reference) {
  static List<TinyCheckpoint> all() throws IOException, URISyntaxException {
    Path root = Path.of(TinyCheckpoint.class.getResource("/families").toURI());
    List<TinyCheckpoint> found = new ArrayList<>();
    try (Stream<Path> folders = Files.list(root).sorted()) {
      for (Path folder : folders.toList()) {
        String reference = "/families/" + folder.getFileName() + "/reference.json.gz";
        found.add(new TinyCheckpoint(folder, Assets.json(TinyCheckpoint.class, reference)));
      }
    }
    return found;
  }

  ModelFolder folder() {
    return ModelFolder.open(path);
  }

  DecoderLm load(Precision precision) {
    return capped(DecoderLm.load(folder(), Device.cpu(), precision));
  }

  DecoderLm train() {
    return capped(DecoderLm.load(folder(), Device.cpu(), Precision.FLOAT32).trainAll());
  }

  /** Makes an exception of every array that a pass or a session leaves with its model. */
  private static DecoderLm capped(DecoderLm model) {
    model.manager().cap();
    return model;
  }

  List<TokenGroup> groups() {
    List<TokenGroup> groups = new ArrayList<>();
    for (JsonNode group : reference.path("groups")) {
      List<Tokens> responses = new ArrayList<>();
      group
          .path("responses")
          .forEach(response -> responses.add(Assets.tokens(response.path("ids"))));
      groups.add(new TokenGroup(Assets.tokens(group.path("prompt")), responses));
    }
    return groups;
  }

  /** Returns a number of every response, in the order of their groups. */
  double[] numbers(String key) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode group : reference.path("groups")) {
      for (JsonNode response : group.path("responses")) {
        numbers.add(response.path(key).asDouble(Double.NaN));
      }
    }
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  public String toString() {
    return path.getFileName().toString();
  }
}
