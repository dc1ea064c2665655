package io.dil.train;

import io.dil.core.InputException;
import io.dil.data.hub.Hub;
import io.dil.data.hub.HubAddress;
import io.dil.data.hub.HubSettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Finds model folders, on disk or on the hub. */
public final class Models {
  private Models() {}

  /**
   * Returns a model's folder, fetched into the cache that the Python tools share where it is named
   * as {@code hf://ORG/NAME[@REVISION]}. Of a repository only configuration, tokenizer and
   * safetensors are fetched: pickled weights are code.
   *
   * @throws InputException if it cannot be had
   */
  public static Path folder(String place) {
    return folder(place, HubSettings.ofEnvironment());
  }

  static Path folder(String place, HubSettings settings) {
    if (!place.startsWith(HubAddress.SCHEME)) {
      try {
        return Path.of(place);
      } catch (InvalidPathException e) {
        throw new InputException(
            "model must be a folder or hf://ORG/NAME, got '"
                + place.replaceAll("\\p{Cntrl}", "?")
                + "'",
            e);
      }
    }
    String rest = place.substring(HubAddress.SCHEME.length());
    HubAddress address =
        HubAddress.parse(rest.startsWith("models/") ? place : HubAddress.SCHEME + "models/" + rest);
    List<Path> files = new Hub(settings).files(address, Models::wanted);
    for (Path file : files) {
      Path folder = file.getParent();
      if (folder != null && Files.exists(folder.resolve("config.json"))) {
        return folder;
      }
    }
    throw new InputException(place + ": holds no config.json, so it is not a model");
  }

  private static boolean wanted(String path) {
    return !path.contains("/")
        && (path.endsWith(".safetensors")
            || path.endsWith(".json")
            || path.endsWith(".jinja")
            || path.equals("tokenizer.model")
            || path.equals("merges.txt"));
  }
}
