package io.dil.train.judge;

import io.dil.core.Hashes;
import io.dil.data.Turn;
import java.util.ArrayList;
import java.util.List;

/**
 * A pair in the order in which a judge sees it.
 *
 * @param comparison the pair
 * @param swapped whether b stands first
 * @param messages what the judge is asked
 * @param key a hash of the judge, its parameters and the messages
 */
record Question(Comparison comparison, boolean swapped, List<Turn> messages, String key) {
  /** What a token has of characters, where nobody has counted. */
  private static final int CHARACTERS_PER_TOKEN = 4;

  /** Returns the questions of a pair: one, or both orders. */
  static List<Question> of(Comparison pair, JudgeOptions options) {
    // By the row alone: neither its place nor what else is judged decides.
    boolean swapped = (Hashes.sha256(options.seed() + "\n" + pair.id())[0] & 1) == 1;
    List<Question> all = new ArrayList<>();
    all.add(of(pair, swapped, options));
    if (options.bothOrders()) {
      all.add(of(pair, !swapped, options));
    }
    return all;
  }

  private static Question of(Comparison pair, boolean swapped, JudgeOptions options) {
    List<Turn> messages =
        options
            .prompt()
            .messages(pair.prompt(), swapped ? pair.b() : pair.a(), swapped ? pair.a() : pair.b());
    StringBuilder all = new StringBuilder(options.judge());
    // The row and the order too: a pair of equal answers is two questions.
    all.append('\n').append(pair.id()).append('\n').append(swapped);
    for (Turn turn : messages) {
      all.append('\n').append(turn.role()).append('\n').append(turn.content());
    }
    String key = Hashes.hex(all.toString());
    return new Question(pair, swapped, messages, key);
  }

  /** Returns about how many tokens the judge reads. */
  long tokens() {
    return messages.stream().mapToLong(turn -> turn.content().length()).sum() / CHARACTERS_PER_TOKEN
        + 1;
  }

  String text() {
    return String.join("\n\n", messages.stream().map(Turn::content).toList());
  }
}
