package io.dil.train.eval;

import java.util.List;

/**
 * A row of a benchmark in the terms of its task.
 *
 * @param place where it stands: {@code file:line}
 * @param text the question, as it stands at the end of a context
 * @param answer what stands after it where the row is a shot, and what a generated text is compared
 *     with
 * @param choices the answers to choose from; empty where the model writes one
 * @param gold the index of the right choice; {@link #NONE} if it is not among them
 */
record Item(String place, String text, String answer, List<String> choices, int gold) {
  /** No choice is right: such a row counts, as wrong. */
  static final int NONE = -1;

  Item {
    choices = List.copyOf(choices);
  }
}
