package io.dil.core.model;

import io.dil.core.Tokens;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

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
    List<Tokens> made = new ArrayList<>(Collections.nCopies(prompts.size(), Tokens.of()));
    generate(prompts, options, Math.max(1, prompts.size()), listener, made::set);
    return made;
  }

  /**
   * Extends prompts, {@code rows} of them at once: where one ends, the next takes its place in the
   * cache, so that no row waits for the longest of a batch.
   *
   * @param rows how many sequences have a cache; memory grows with it, and with the longest prompt
   * @param listener hears of every token
   * @param finished takes a prompt's index and its new tokens as soon as they are complete
   */
  public void generate(
      List<Tokens> prompts,
      GenerationOptions options,
      int rows,
      Listener listener,
      BiConsumer<Integer, Tokens> finished) {
    int longest = prompts.stream().mapToInt(Tokens::size).max().orElse(0);
    int places = Math.min(rows, prompts.size());
    List<Writing> writing = new ArrayList<>();
    List<Tokens> next = new ArrayList<>();
    int begun = 0;
    while (begun < places) {
      next.add(prompts.get(begun));
      writing.add(new Writing(begun, prompts.get(begun), options));
      begun++;
    }
    try (DecodingSession session = model.decode(places, longest + options.maxNewTokens())) {
      while (next.stream().anyMatch(tokens -> !tokens.isEmpty())) {
        List<float[]> logits = session.extend(next);
        for (int place = 0; place < places; place++) {
          if (next.get(place).isEmpty()) {
            continue;
          }
          Writing row = writing.get(place);
          int id = row.choose(logits.get(place));
          boolean wanted = listener.token(row.sequence, id);
          if (wanted && !endTokens.contains(id) && row.made.size() < options.maxNewTokens()) {
            next.set(place, Tokens.of(id));
            continue;
          }
          finished.accept(row.sequence, row.tokens());
          if (begun < prompts.size()) {
            session.restart(place);
            writing.set(place, new Writing(begun, prompts.get(begun), options));
            next.set(place, prompts.get(begun));
            begun++;
          } else {
            next.set(place, Tokens.of());
          }
        }
      }
    }
  }

  /** A sequence that is being written. */
  private static final class Writing {
    private final int sequence;
    private final TokenSampler sampler;
    private final BitSet seen = new BitSet();
    private final List<Integer> made = new ArrayList<>();

    Writing(int sequence, Tokens prompt, GenerationOptions options) {
      this.sequence = sequence;
      // A stream a sequence: what one prompt draws does not depend on its neighbours.
      sampler = new TokenSampler(options, new SplittableRandom(seed(options.seed(), sequence)));
      prompt.stream().forEach(seen::set);
    }

    int choose(float[] logits) {
      int id = sampler.next(logits, seen);
      seen.set(id);
      made.add(id);
      return id;
    }

    Tokens tokens() {
      return Tokens.of(made.stream().mapToInt(Integer::intValue).toArray());
    }
  }
}
