package io.dil.data;

/** One row of a data set, read but not yet tokenised. */
public sealed interface Example extends Parsed
    permits PreferencePair, LabelledResponse, Demonstration {
  /** Returns the data set's own id of the row, or {@code file:line} where it has none. */
  String id();

  /** Returns what the responses answer. */
  Prompt prompt();
}
