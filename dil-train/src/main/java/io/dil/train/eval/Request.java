package io.dil.train.eval;

import static java.util.stream.Collectors.joining;

import io.dil.core.Hashes;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model is asked for one row.
 *
 * @param row the row's number in its file's order, from 0
 * @param item the row
 * @param context what the model reads
 * @param continuations what it scores after it; empty where it writes
 */
record Request(int row, Item item, String context, List<String> continuations) {
  private static final int DIGITS = 16;

  Request {
    continuations = List.copyOf(continuations);
  }

  /**
   * Returns a short hash of all that the model is asked, by which a stored answer is known to be to
   * this text and not to one of another task file, other data or another chat template. What the
   * answer is compared with is not in it: metrics are computed again.
   */
  String digest(Task task) {
    List<String> asked = new ArrayList<>(continuations);
    asked.add(0, context);
    task.generation().ifPresent(generation -> asked.addAll(generation.until()));
    // Lengths keep ("ab", "c") and ("a", "bc") apart.
    String text = asked.stream().map(part -> part.length() + ":" + part).collect(joining());
    return Hashes.hex(text).substring(0, DIGITS);
  }
}
