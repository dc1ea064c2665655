package io.dil.train.run;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.TokenizedExample;
import java.util.List;

/**
 * A pair of the policy's own answers that a checkpoint holds: the weights that drew it have changed
 * since, so it cannot be drawn again.
 *
 * @param id the prompt's row
 * @param prompt its token ids
 * @param chosen those of the better answer
 * @param rejected those of the other one
 */
public record PendingPair(
    String id, List<Integer> prompt, List<Integer> chosen, List<Integer> rejected) {
  /** Returns a pair as it is kept. */
  public static PendingPair of(TokenizedExample pair) {
    TokenGroup tokens = pair.tokens();
    return new PendingPair(
        pair.id(),
        ids(tokens.prompt()),
        ids(tokens.responses().get(0)),
        ids(tokens.responses().get(1)));
  }

  /** Returns the pair. */
  public TokenizedExample example() {
    return new TokenizedExample(
        id, new TokenGroup(tokens(prompt), List.of(tokens(chosen), tokens(rejected))), true);
  }

  private static List<Integer> ids(Tokens tokens) {
    return tokens.stream().boxed().toList();
  }

  private static Tokens tokens(List<Integer> ids) {
    return Tokens.of(ids.stream().mapToInt(Integer::intValue).toArray());
  }
}
