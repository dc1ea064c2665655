package io.dil.train.reference;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reference scores from disk. What is not there is computed and kept; the model is loaded only
 * then, so that a run whose scores are all known has one model in memory.
 */
public final class CachedReference implements ReferenceScores {
  private final ScoreFile file;
  private final Supplier<ReferenceScores> loader;
  private @Nullable ReferenceScores live;

  /**
   * Makes a cache.
   *
   * @param file is closed with the cache
   * @param loader gives the model's own scores
   */
  public CachedReference(ScoreFile file, Supplier<ReferenceScores> loader) {
    this.file = file;
    this.loader = loader;
  }

  @Override
  public double[] scores(List<TokenGroup> groups) {
    List<TokenGroup> missing = new ArrayList<>();
    for (TokenGroup group : groups) {
      for (Tokens response : group.responses()) {
        if (file.find(group.prompt(), response).isEmpty()) {
          missing.add(group);
          break;
        }
      }
    }
    if (!missing.isEmpty()) {
      compute(missing);
    }
    return groups.stream()
        .flatMapToDouble(
            group ->
                group.responses().stream()
                    .map(response -> file.find(group.prompt(), response))
                    .mapToDouble(OptionalDouble::orElseThrow))
        .toArray();
  }

  private void compute(List<TokenGroup> missing) {
    ReferenceScores model = live;
    if (model == null) {
      model = loader.get();
      live = model;
    }
    keep(missing, model.scores(missing));
  }

  /** Keeps scores that this cache, or that of another process, has computed. */
  public void keep(List<TokenGroup> groups, double[] scores) {
    int at = 0;
    try {
      for (TokenGroup group : groups) {
        for (Tokens response : group.responses()) {
          file.add(group.prompt(), response, scores[at++]);
        }
      }
    } catch (IOException e) {
      throw new InputException("reference scores cannot be written: " + e.getMessage(), e);
    }
  }

  /** Closes the model if it was loaded; it is loaded again if another score is missing. */
  public void release() {
    if (live != null) {
      live.close();
      live = null;
    }
  }

  @Override
  public void close() {
    release();
    file.close();
  }
}
