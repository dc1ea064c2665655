package io.dil.train;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.TokenizedExample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How much is computed at once. A pass keeps its activations until it has gone back, so the memory
 * of a step is that of its largest pass; and since any accumulation gives the gradient of the whole
 * step, passes can be as small as keeps the device busy.
 *
 * @param examples the most examples of a pass
 * @param tokens the most tokens of a pass, a prompt counted once; an example that has more is a
 *     pass of its own
 */
public record PassSize(int examples, long tokens) {
  /** Checks the ranges. */
  public PassSize {
    if (examples < 1 || tokens < 1) {
      throw new IllegalArgumentException(
          "a pass must hold an example and a token at least, got " + examples + ", " + tokens);
    }
  }

  /** Returns a bound on examples alone. */
  public static PassSize of(int examples) {
    return new PassSize(examples, Long.MAX_VALUE);
  }

  /**
   * Cuts the examples of a step into passes, in their order.
   *
   * @param group what is computed of an example
   */
  List<List<TokenizedExample>> cut(
      List<TokenizedExample> step, Function<TokenizedExample, TokenGroup> group) {
    List<List<TokenizedExample>> passes = new ArrayList<>();
    int start = 0;
    long held = 0;
    for (int i = 0; i < step.size(); i++) {
      long size = tokens(group.apply(step.get(i)));
      // Compared by subtraction, since the bound may be the largest number there is.
      if (i > start && (i - start == examples || size > tokens - held)) {
        passes.add(step.subList(start, i));
        start = i;
        held = 0;
      }
      held += size;
    }
    if (start < step.size()) {
      passes.add(step.subList(start, step.size()));
    }
    return passes;
  }

  private static long tokens(TokenGroup group) {
    return group.prompt().size() + group.responses().stream().mapToLong(Tokens::size).sum();
  }
}
