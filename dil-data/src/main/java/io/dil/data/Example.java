package io.dil.data;

import java.util.List;
import java.util.Optional;

/** One row of a data set, read but not yet tokenised. */
public sealed interface Example extends Parsed
    permits PreferencePair, LabelledResponse, Demonstration {
  /** Returns the data set's own id of the row, or {@code file:line} where it has none. */
  String id();

  /** Returns what the responses answer. */
  Prompt prompt();

  /** Returns the responses: chosen and rejected, or the one there is. */
  List<Turn> answers();

  /** Returns the texts of the responses. */
  default List<String> responses() {
    return answers().stream().map(Turn::content).toList();
  }

  /** Returns why the example cannot be used whatever the tokenizer, if there is such a reason. */
  Optional<Drop> unusable();
}
