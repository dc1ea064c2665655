package io.dil.train.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The one table of keys of TRL, transformers, alignment-handbook, SimPO and LLaMA-Factory that are
 * no settings here, with a verdict each: {@code foreign-keys.tsv}.
 */
final class ForeignKeys {
  private static final Map<String, ForeignKey> ALL = read();

  private ForeignKeys() {}

  /** Returns every row, in the table's order. */
  static List<ForeignKey> all() {
    return List.copyOf(ALL.values());
  }

  /** Returns the row of a key. */
  static Optional<ForeignKey> of(String name) {
    return Optional.ofNullable(ALL.get(name));
  }

  private static Map<String, ForeignKey> read() {
    Map<String, ForeignKey> keys = new LinkedHashMap<>();
    try (InputStream table =
        Objects.requireNonNull(ForeignKeys.class.getResourceAsStream("foreign-keys.tsv"))) {
      new String(table.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(ForeignKey::parse)
          .forEach(
              key -> {
                if (keys.put(key.name(), key) != null) {
                  throw new IllegalStateException("two rows are called " + key.name());
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return keys;
  }
}
