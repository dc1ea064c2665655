package io.dil.losses;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a loss is called and what it computes, for the records of a run: the resolved loss, with
 * aliases and defaults filled in, or one that its author describes.
 *
 * @param name the name in the list of {@link Losses}, or the author's own
 * @param parameters the value of every parameter as text, in their order
 * @param formula the formula in plain text; empty where none was given
 * @param source where it comes from; empty where none was given
 */
public record LossDescription(
    String name, Map<String, String> parameters, String formula, String source) {

  /** The name of a loss whose author has given it none. */
  public static final String UNNAMED = "custom";

  /** Checks the name and copies the parameters. */
  public LossDescription {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(formula, "formula");
    Objects.requireNonNull(source, "source");
    if (name.isBlank()) {
      throw new IllegalArgumentException("loss must have a name, got '" + name + "'");
    }
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /**
   * Describes a loss of one's own.
   *
   * @param name what records call it
   * @param formula what it computes, in plain text
   */
  public static LossDescription of(String name, String formula) {
    return new LossDescription(name, Map.of(), formula, "");
  }

  /** Describes a loss of somebody's own of which nothing is known. */
  public static LossDescription unnamed() {
    return of(UNNAMED, "");
  }
}
