package io.dil.train;

import io.dil.core.InputException;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run may write: nowhere that it reads from. Places are compared by what they really are,
 * after symbolic links, since a link to a model is the model.
 */
final class OutputPlace {
  private OutputPlace() {}

  /**
   * Returns {@code output_dir}.
   *
   * @param model where the model was found
   * @throws InputException if an input is that folder, or lies in it
   */
  static Path check(TrainingConfig config, Path model) {
    Path output = Path.of(config.get(Settings.OUTPUT_DIR));
    Path real = real(output);
    Map<Setting<String>, Path> inputs = new LinkedHashMap<>();
    inputs.put(Settings.MODEL, model);
    if (!config.get(Settings.REF_MODEL).isEmpty()) {
      inputs.put(Settings.REF_MODEL, Models.folder(config.get(Settings.REF_MODEL)));
    }
    if (!config.get(Settings.ADAPTER).isEmpty()) {
      inputs.put(Settings.ADAPTER, Path.of(config.get(Settings.ADAPTER)));
    }
    inputs.forEach(
        (setting, input) -> {
          Path read = real(input);
          if (read.equals(real)) {
            throw new InputException(
                "output_dir must differ from " + setting.name() + ", got " + output);
          }
          if (read.startsWith(real)) {
            throw new InputException(
                setting.name() + " must not lie in output_dir, got " + input + " in " + output);
          }
        });
    return output;
  }

  /** Returns a place without symbolic links, also of one that is not there yet. */
  private static Path real(Path place) {
    Path whole = place.toAbsolutePath().normalize();
    for (Path at = whole; at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        try {
          return at.toRealPath().resolve(at.relativize(whole)).normalize();
        } catch (IOException e) {
          throw new InputException(place + ": cannot be read: " + e.getMessage(), e);
        }
      }
    }
    return whole;
  }
}
