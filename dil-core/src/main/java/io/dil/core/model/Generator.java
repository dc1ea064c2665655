package io.dil.core.model;

import io.dil.core.Tokens;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Extends prompts token by token, several at once. A prompt that comes several times in a row, for
 * several answers, is computed once.
 */
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

  /** Tokens of prompts that are computed at once. */
  private static final int PROMPT_TOKENS = 2048;

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
    generate(prompts, Tokens.of(), options, rows, listener, finished);
  }

  /**
   * Extends prompts of which many begin alike, as those of a benchmark with fixed shots do. What
   * they share is computed once. Their logits then differ by rounding from those of whole prompts.
   *
   * @param shared what prompts may begin with; a prompt must have at least one token after it to
   *     use it, and one that begins otherwise is computed whole
   * @param rows how many sequences have a cache; memory grows with it, and with the longest prompt
   * @param listener hears of every token
   * @param finished takes a prompt's index and its new tokens as soon as they are complete
   */
  public void generate(
      List<Tokens> prompts,
      Tokens shared,
      GenerationOptions options,
      int rows,
      Listener listener,
      BiConsumer<Integer, Tokens> finished) {
    int longest = prompts.stream().mapToInt(Tokens::size).max().orElse(0);
    int places = Math.min(rows, prompts.size());
    try (DecodingSession session = model.decode(places, longest + options.maxNewTokens())) {
      new Round(session, prompts, shared, options, listener, finished, places).run();
    }
  }

  /** Prompts that take turns at the places of a session. */
  private final class Round {
    private final DecodingSession session;
    private final List<Tokens> prompts;
    private final Tokens shared;
    private final GenerationOptions options;
    private final Listener listener;
    private final BiConsumer<Integer, Tokens> finished;
    private final List<@Nullable Writing> writing;
    private final List<Tokens> next;
    // Places whose cache begins with the shared tokens.
    private final BitSet holding = new BitSet();
    private boolean sharing;
    private int begun;
    // The prompt that was computed last, until its place goes to another: the same prompt may come
    // again, for another answer.
    private @Nullable Known known;
    private boolean copying = true;

    Round(
        DecodingSession session,
        List<Tokens> prompts,
        Tokens shared,
        GenerationOptions options,
        Listener listener,
        BiConsumer<Integer, Tokens> finished,
        int places) {
      this.session = session;
      this.prompts = prompts;
      this.shared = shared;
      sharing = !shared.isEmpty();
      this.options = options;
      this.listener = listener;
      this.finished = finished;
      writing = new ArrayList<>(Collections.nCopies(places, null));
      next = new ArrayList<>(Collections.nCopies(places, Tokens.of()));
    }

    void run() {
      while (begin() || next.stream().anyMatch(tokens -> !tokens.isEmpty())) {
        choose(session.extend(next));
      }
    }

    /**
     * Gives free places to prompts, some at a time: their activations are those of a bounded number
     * of tokens, and sequences that are being written then go on in steps of one token each.
     */
    private boolean begin() {
      boolean any = false;
      while (begun < prompts.size()) {
        Entry entry = new Entry(next.size());
        for (int place = 0; place < next.size() && begun < prompts.size(); place++) {
          if (writing.get(place) == null && !enter(entry, place)) {
            break;
          }
        }
        if (!entry.any) {
          break;
        }
        compute(entry);
        choose(entry.logits);
        any = true;
      }
      return any;
    }

    /**
     * Gives a place to the next prompt, or leaves it free where the entry has no more room.
     *
     * @return whether the entry may go on
     */
    private boolean enter(Entry entry, int place) {
      Tokens prompt = prompts.get(begun);
      if (entry.last >= 0 && copying && prompt.equals(prompt(entry.last))) {
        entry.twins.put(place, entry.last);
      } else if (known != null && known.prompt.equals(prompt) && copy(place, known.place, prompt)) {
        entry.logits.set(place, known.logits.clone());
      } else {
        boolean shares = shares(prompt);
        boolean first = shares && holding.isEmpty();
        int rest = prompt.size() - (shares && !first ? shared.size() : 0);
        if (entry.held > 0 && entry.held + rest > PROMPT_TOKENS) {
          return true;
        }
        leave(place);
        entry.tokens.set(place, enter(place, prompt, shares));
        entry.held += entry.tokens.get(place).size();
        entry.last = place;
        begin(entry, place, prompt);
        return !first; // What this one computes, the others copy.
      }
      begin(entry, place, prompt);
      return true;
    }

    private void begin(Entry entry, int place, Tokens prompt) {
      writing.set(place, new Writing(begun, prompt, options));
      begun++;
      entry.any = true;
    }

    /** Lets a place begin with the whole prompt of another, unless the session cannot. */
    private boolean copy(int place, int from, Tokens prompt) {
      if (place != from) {
        leave(place);
      }
      copying = copying && session.restart(place, from, prompt.size());
      holding.set(place, copying && holding.get(from));
      return copying;
    }

    /** Forgets what a place began with, as it goes to another prompt. */
    private void leave(int place) {
      if (known != null && known.place == place) {
        known = null;
      }
    }

    private void compute(Entry entry) {
      if (entry.last < 0) {
        return;
      }
      List<float[]> computed = session.extend(entry.tokens);
      for (int place = 0; place < next.size(); place++) {
        if (!entry.tokens.get(place).isEmpty()) {
          entry.logits.set(place, computed.get(place));
        }
      }
      entry.twins.forEach(
          (place, from) -> {
            Tokens prompt = prompt(place);
            float[] logits = entry.logits.get(from).clone();
            if (!copy(place, from, prompt)) {
              session.restart(place);
              List<Tokens> alone = new ArrayList<>(Collections.nCopies(next.size(), Tokens.of()));
              alone.set(place, prompt);
              logits = session.extend(alone).get(place);
            }
            entry.logits.set(place, logits);
          });
      known = new Known(prompt(entry.last), entry.last, entry.logits.get(entry.last).clone());
    }

    private Tokens prompt(int place) {
      return prompts.get(Objects.requireNonNull(writing.get(place)).sequence);
    }

    private boolean shares(Tokens prompt) {
      return sharing && prompt.size() > shared.size() && prompt.startsWith(shared);
    }

    /** Gives a place to a prompt and returns what is to be computed of it. */
    private Tokens enter(int place, Tokens prompt, boolean shares) {
      int from = holding.get(place) ? place : holding.nextSetBit(0);
      if (shares && from >= 0) {
        if (session.restart(place, from, shared.size())) {
          holding.set(place);
          return prompt.slice(shared.size(), prompt.size());
        }
        sharing = false;
        holding.clear();
        return prompt;
      }
      session.restart(place);
      holding.set(place, shares);
      return prompt;
    }

    /** Lets every sequence with logits go on by a token. Rows draw on their own, so at once. */
    private void choose(List<float[]> logits) {
      int[] ids =
          IntStream.range(0, next.size())
              .parallel()
              .map(place -> draw(place, logits.get(place)))
              .toArray();
      for (int place = 0; place < ids.length; place++) {
        Writing row = writing.get(place);
        if (row == null || logits.get(place).length == 0) {
          continue;
        }
        int id = ids[place];
        boolean wanted = listener.token(row.sequence, id);
        if (wanted && !endTokens.contains(id) && row.made.size() < options.maxNewTokens()) {
          next.set(place, Tokens.of(id));
        } else {
          finished.accept(row.sequence, row.tokens());
          writing.set(place, null);
          next.set(place, Tokens.of());
        }
      }
    }

    private int draw(int place, float[] logits) {
      Writing row = writing.get(place);
      return row == null || logits.length == 0 ? -1 : row.choose(logits);
    }
  }

  /** Prompts that enter together. */
  private static final class Entry {
    // What is computed in each place.
    private final List<Tokens> tokens;
    // What comes after each prompt; empty in places that go to none.
    private final List<float[]> logits;
    // Places whose prompt is computed in another.
    private final Map<Integer, Integer> twins = new LinkedHashMap<>();
    private int held;
    private int last = -1;
    private boolean any;

    Entry(int places) {
      tokens = new ArrayList<>(Collections.nCopies(places, Tokens.of()));
      logits = new ArrayList<>(Collections.nCopies(places, new float[0]));
    }
  }

  /** A prompt that a place's cache begins with, and the logits after it. */
  private record Known(Tokens prompt, int place, float[] logits) {}

  /** A sequence that is being written. */
  private static final class Writing {
    private final int sequence;
    private final TokenSampler sampler;
    private final BitSet seen = new BitSet();
    private final List<Integer> made = new ArrayList<>();

    Writing(int sequence, Tokens prompt, GenerationOptions options) {
      this.sequence = sequence;
      // A stream a sequence: what one prompt draws does not depend on its neighbours. Seeds a
      // golden
      // ratio apart are one stream, shifted by a draw; what is split off them is not.
      sampler =
          new TokenSampler(options, new SplittableRandom(seed(options.seed(), sequence)).split());
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
