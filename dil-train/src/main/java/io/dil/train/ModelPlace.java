package io.dil.train;

import io.dil.core.model.lora.AdapterConfig;
import io.dil.core.model.lora.AdapterFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a name of a model stands for: a model folder, one with an adapter beside it, or an adapter's
 * folder that names its model.
 */
public final class ModelPlace {
  private final Path given;
  private final @Nullable Path adapter;
  private final boolean namesBase;
  private @Nullable Path base;

  /**
   * Looks at a name.
   *
   * @param name a folder, or {@code hf://ORG/NAME}, which is fetched
   * @param beside an adapter's folder; null where {@code name} says all
   */
  public ModelPlace(String name, @Nullable Path beside) {
    given = Models.folder(name);
    namesBase =
        beside == null && !Files.exists(given.resolve("config.json")) && AdapterFolder.isOne(given);
    adapter = namesBase ? given : beside;
  }

  /** Returns the adapter's folder; null where there is none. */
  public @Nullable Path adapter() {
    return adapter;
  }

  /** Returns the folder of the model itself, without an adapter. */
  public Path base() {
    Path known = base;
    if (known == null) {
      known = given;
      if (namesBase) {
        AdapterConfig config = AdapterConfig.read(given);
        known = Models.folder(new BaseName(config.base(), config.revision()).place());
      }
      base = known;
    }
    return known;
  }

  /** Returns the folder whose tokenizer is used. */
  public Path tokenizer() {
    return Files.exists(given.resolve("tokenizer.json")) ? given : base();
  }

  /**
   * Returns the files that decide what is computed.
   *
   * @param model the stored model of {@link #base}
   */
  public List<Path> files(StoredModel model) {
    List<Path> files = new ArrayList<>(model.files());
    if (adapter != null) {
      files.add(adapter.resolve(AdapterConfig.FILE));
      files.add(adapter.resolve(AdapterFolder.WEIGHTS));
    }
    return files;
  }
}
