package io.dil.train;

import io.dil.data.TokenizedExample;
import java.util.List;

/**
 * Says, once a run, that sequences are longer than the model was made for: their last tokens stand
 * at positions that it has never seen, and what it makes of them is noise.
 */
final class ContextWarning {
  private final int context;
  private final TrainingListener listener;
  private boolean said;

  /**
   * Makes a warning that has not been given.
   *
   * @param context the longest sequence that the model was made for; 0 where it does not say
   */
  ContextWarning(int context, TrainingListener listener) {
    this.context = context;
    this.listener = listener;
  }

  /** Returns the longest sequence that is not warned of. */
  int limit() {
    return context > 0 ? context : Integer.MAX_VALUE;
  }

  /** Takes what counting the examples has found. */
  void counted(long beyond, long examples) {
    said = true;
    if (beyond > 0) {
      listener.message(
          "WARNING: "
              + beyond
              + " of "
              + examples
              + " examples are longer than the model's context of "
              + context
              + " tokens; set max_length="
              + context);
    }
  }

  /** Looks at the examples of a step, where they were not counted beforehand. */
  void look(List<TokenizedExample> batch) {
    if (said) {
      return;
    }
    List<TokenizedExample> beyond =
        batch.stream().filter(example -> example.maxLength() > limit()).toList();
    if (!beyond.isEmpty()) {
      said = true;
      listener.message(
          "WARNING: "
              + beyond.size()
              + " of the "
              + batch.size()
              + " examples of this step are longer than the model's context of "
              + context
              + " tokens, the first is "
              + beyond.get(0).id()
              + " with "
              + beyond.get(0).maxLength()
              + "; set max_length="
              + context);
    }
  }
}
