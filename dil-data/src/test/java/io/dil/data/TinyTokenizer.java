package io.dil.data;

import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The tokenizer in the test resources; src/test/python/make_tiny_tokenizer.py says what is in it.
 */
public final class TinyTokenizer {
  private TinyTokenizer() {}

  /** Returns its folder. */
  public static Path folder() {
    try {
      return Path.of(
              Objects.requireNonNull(
                      TinyTokenizer.class.getResource("/tiny-tokenizer/tokenizer.json"))
                  .toURI())
          .getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Loads it. */
  public static ExampleTokenizer load(Truncation truncation) {
    return ExampleTokenizer.load(folder(), truncation);
  }
}
