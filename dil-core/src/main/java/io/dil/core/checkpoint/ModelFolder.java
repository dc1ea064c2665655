package io.dil.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face model folder: {@code config.json} and weights in {@code model.safetensors}, or,
 * where there is none, in shards that {@code model.safetensors.index.json} lists.
 *
 * @param path the folder
 * @param config the parsed {@code config.json}
 * @param tensors every tensor by name
 * @param files the weight file of every tensor, by the tensor's name
 */
public record ModelFolder(
    Path path, JsonNode config, Map<String, TensorEntry> tensors, Map<String, Path> files) {
  /** The one-file form of the weights. */
  public static final String SINGLE_FILE = "model.safetensors";

  /** The list of shards. */
  public static final String INDEX_FILE = "model.safetensors.index.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Opens a folder and checks every header in it. */
  public static ModelFolder open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new InputException(path + ": not a model folder (no such directory)");
    }
    JsonNode config = json(path.resolve("config.json"));
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    Map<String, Path> files = new LinkedHashMap<>();
    for (SafetensorsHeader header : headers(path)) {
      header
          .entries()
          .forEach(
              (name, entry) -> {
                if (tensors.put(name, entry) != null) {
                  throw new InputException(
                      header.file() + ": tensor '" + name + "' also stands in " + files.get(name));
                }
                files.put(name, header.file());
              });
    }
    return new ModelFolder(path, config, tensors, files);
  }

  /** Returns where a tensor lies, or null where the folder has none of that name. */
  public @Nullable TensorEntry find(String name) {
    return tensors.get(name);
  }

  /** Reads a JSON file of a model folder. */
  public static JsonNode json(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": not valid JSON: " + e.getOriginalMessage(), e);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<SafetensorsHeader> headers(Path path) {
    Path index = path.resolve(INDEX_FILE);
    Path single = path.resolve(SINGLE_FILE);
    // As in transformers: beside a single file, an index is left over from an earlier save.
    if (Files.exists(single)) {
      return List.of(SafetensorsHeader.read(single));
    }
    if (!Files.exists(index)) {
      throw new InputException(
          path + ": no " + SINGLE_FILE + " and no " + INDEX_FILE + "; only safetensors are read");
    }
    Map<String, String> weightMap = new TreeMap<>();
    json(index)
        .path("weight_map")
        .properties()
        .forEach(item -> weightMap.put(item.getKey(), item.getValue().asText()));
    if (weightMap.isEmpty()) {
      throw new InputException(index + ": weight_map is missing or empty");
    }
    List<SafetensorsHeader> headers = new ArrayList<>();
    for (String shard : new TreeSet<>(weightMap.values())) {
      // The index comes from outside: a shard is a plain file of this folder, never a path.
      if (!shard.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new InputException(index + ": shard must be a plain file name, got '" + shard + "'");
      }
      SafetensorsHeader header = SafetensorsHeader.read(path.resolve(shard));
      weightMap.forEach(
          (name, file) -> {
            if (file.equals(shard) && !header.entries().containsKey(name)) {
              throw new InputException(
                  header.file() + ": tensor '" + name + "' that the index promises is missing");
            }
          });
      headers.add(header);
    }
    return headers;
  }
}
