package io.dil.core.model;

import io.dil.core.Tokens;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Extends prompts token by token, several at once. */
public final class Generator {
  /** Hears of every token as it is chosen. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Takes the next token of a sequence.
     *
     * @return whether the sequence goes on
     */
    boolean token(int sequence, int id);
  }

  private final CausalLm model;
  private final Set<Integer> endTokens;

  /**
   * Makes a generator.
   *
   * @param endTokens the tokens that end a response; they are returned as its last
   */
  public Generator(CausalLm model, Set<Integer> endTokens) {
    this.model = model;
    this.endTokens = Set.copyOf(endTokens);
  }

  /**
   * Returns the seed of a sequence's draws. Prompts that are generated in parts, from {@code
   * sequence} on, draw with it what they would draw together.
   */
  public static long seed(long seed, int sequence) {
    return seed + 0x9E3779B97F4A7C15L * sequence;
  }

  /** Returns the new tokens of every prompt. */
  public List<Tokens> generate(List<Tokens> prompts, GenerationOptions options) {
    return generate(prompts, options, (sequence, id) -> true);
  }

  /** Returns the new tokens of every prompt and tells {@code listener} of each as it comes. */
  public List<Tokens> generate(List<Tokens> prompts, GenerationOptions options, Listener listener) {
    int longest = prompts.stream().mapToInt(Tokens::size).max().orElse(0);
    List<TokenSampler> samplers = new ArrayList<>();
    List<BitSet> seen = new ArrayList<>();
    List<List<Integer>> made = new ArrayList<>();
    for (int s = 0; s < prompts.size(); s++) {
      // A stream a sequence: what one prompt draws does not depend on its neighbours.
      samplers.add(new TokenSampler(options, new SplittableRandom(seed(options.seed(), s))));
      BitSet ids = new BitSet();
      prompts.get(s).stream().forEach(ids::set);
      seen.add(ids);
      made.add(new ArrayList<>());
    }
    try (DecodingSession session = model.decode(prompts.size(), longest + options.maxNewTokens())) {
      List<Tokens> next = prompts;
      while (next.stream().anyMatch(tokens -> !tokens.isEmpty())) {
        List<float[]> logits = session.extend(next);
        List<Tokens> chosen = new ArrayList<>();
        for (int s = 0; s < prompts.size(); s++) {
          if (next.get(s).isEmpty()) {
            chosen.add(Tokens.of());
            continue;
          }
          int id = samplers.get(s).next(logits.get(s), seen.get(s));
          seen.get(s).set(id);
          made.get(s).add(id);
          boolean wanted = listener.token(s, id);
          boolean over =
              !wanted || endTokens.contains(id) || made.get(s).size() >= options.maxNewTokens();
          chosen.add(over ? Tokens.of() : Tokens.of(id));
        }
        next = chosen;
      }
    }
    return made.stream()
        .map(ids -> Tokens.of(ids.stream().mapToInt(Integer::intValue).toArray()))
        .toList();
  }
}
