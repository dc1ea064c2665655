package io.dil.train.sweep;

import io.dil.train.config.ConfigFile;
import io.dil.train.config.Given;
import io.dil.train.config.TrainingConfig;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of a sweep.
 *
 * @param name of its folder
 * @param method the {@link SweepMethod}'s name
 * @param setting the values that are tried in it, by key
 * @param seed its seed
 * @param given all of its settings, as they are written beside its folder
 * @param config the same, checked
 */
public record SweepRun(
    String name,
    String method,
    Map<String, Object> setting,
    long seed,
    Given given,
    TrainingConfig config) {
  /** Returns the name of the folder of a run with the given values. */
  static String name(String method, Map<String, Object> setting, long seed) {
    StringBuilder name = new StringBuilder(method);
    setting.forEach((key, value) -> name.append('-').append(key).append('-').append(text(value)));
    // What a path, a shell or a KEY=VALUE word gives a meaning.
    return name.append("-seed-").append(seed).toString().replaceAll("[^A-Za-z0-9._-]", "_");
  }

  /** Returns a value as people write it: 5e-7, not 5.0E-7. */
  static String text(Object value) {
    if (!(value instanceof Double number) || !Double.isFinite(number)) {
      return String.valueOf(value);
    }
    BigDecimal decimal = BigDecimal.valueOf(number).stripTrailingZeros();
    double size = Math.abs(number);
    if (number == 0 || (size >= 1e-3 && size < 1e6)) {
      return decimal.toPlainString();
    }
    int exponent = decimal.precision() - decimal.scale() - 1;
    return decimal.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
  }

  /** Returns its folder in that of the sweep. */
  Path folder(Path sweep) {
    return sweep.resolve(name);
  }

  /** Returns the file that {@code dil train} repeats it with. */
  Path file(Path sweep) {
    return sweep.resolve(name + ".yaml");
  }

  /** Returns the content of that file. */
  String yaml() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    given.keys().forEach(key -> values.put(key, given.get(key)));
    return ConfigFile.text(values);
  }
}
