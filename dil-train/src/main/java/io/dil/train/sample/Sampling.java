package io.dil.train.sample;

import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.data.Example;
import io.dil.data.token.ExampleTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Answers prompts, many at once. What a prompt's n-th answer draws depends on the seed, the
 * prompt's number and n alone.
 */
public final class Sampling {
  private final CausalLm model;
  private final ExampleTokenizer tokenizer;
  private final GenerationOptions options;
  private final List<String> stops;
  private final int answers;
  private final int maxPromptLength;

  /**
   * Makes a sampling.
   *
   * @param stops texts that end an answer, which then ends before them
   * @param answers how many answers a prompt gets
   * @param maxPromptLength tokens of a prompt; a longer one loses its start
   */
  public Sampling(
      CausalLm model,
      ExampleTokenizer tokenizer,
      GenerationOptions options,
      List<String> stops,
      int answers,
      int maxPromptLength) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.options = options;
    this.stops = List.copyOf(stops);
    this.answers = answers;
    this.maxPromptLength = maxPromptLength;
    tokenizer.checkFits(model.vocabSize());
  }

  /**
   * Answers prompts.
   *
   * @param examples rows, of which the prompts are answered
   * @param from the first to answer; those before it are known
   * @param rows sequences that are written at once
   * @param taker hears of a prompt's number and its answers as soon as they are complete
   */
  public void run(List<Example> examples, int from, int rows, BiConsumer<Integer, Answers> taker) {
    draw(
        examples,
        from,
        rows,
        () -> true,
        (prompt, sampled) -> taker.accept(prompt, sampled.answers()));
  }

  /**
   * Answers prompts, and keeps the tokens.
   *
   * @param wanted is asked at every token; where it says no, answers end as they are
   * @param taker hears of a prompt's number and its answers as soon as they are complete
   */
  public void draw(
      List<Example> examples,
      int from,
      int rows,
      BooleanSupplier wanted,
      BiConsumer<Integer, Sampled> taker) {
    List<Tokens> prompts = new ArrayList<>();
    boolean[] cut = new boolean[examples.size()];
    for (int i = from; i < examples.size(); i++) {
      Tokens whole = tokenizer.encodePrompt(examples.get(i).prompt());
      cut[i] = whole.size() > maxPromptLength;
      Tokens kept = cut[i] ? whole.slice(whole.size() - maxPromptLength, whole.size()) : whole;
      for (int n = 0; n < answers; n++) {
        prompts.add(kept);
      }
    }
    Ending[] endings = new Ending[prompts.size()];
    int[] left = new int[examples.size()];
    Arrays.fill(left, answers);
    new Generator(model, tokenizer.endIds())
        .generate(
            prompts,
            options.withSeed(Generator.seed(options.seed(), from * answers)),
            rows,
            (sequence, id) -> ending(endings, sequence).accept(id) && wanted.getAsBoolean(),
            (sequence, tokens) -> {
              ending(endings, sequence).finish(tokens);
              int prompt = from + sequence / answers;
              left[prompt]--;
              if (left[prompt] == 0) {
                int place = prompt - from;
                taker.accept(
                    prompt,
                    collect(
                        examples.get(prompt),
                        prompts.get(place * answers),
                        endings,
                        place,
                        cut[prompt]));
              }
            });
  }

  private Ending ending(Ending[] all, int sequence) {
    Ending one = all[sequence];
    if (one == null) {
      one = new Ending();
      all[sequence] = one;
    }
    return one;
  }

  private Sampled collect(
      Example example, Tokens tokens, Ending[] endings, int prompt, boolean cut) {
    List<String> responses = new ArrayList<>();
    List<Tokens> drawn = new ArrayList<>();
    List<String> finish = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    for (int n = 0; n < answers; n++) {
      int sequence = prompt * answers + n;
      Ending one = ending(endings, sequence);
      responses.add(one.text);
      finish.add(one.stopped ? Answers.STOP : Answers.LENGTH);
      counts.add(one.tokens.size());
      drawn.add(one.tokens);
      endings[sequence] = new Ending();
    }
    return new Sampled(
        new Answers(example.id(), example.prompt(), responses, finish, counts, cut), tokens, drawn);
  }

  /** How one answer ends. */
  private final class Ending {
    // A stop text is looked for in the last tokens alone: to decode all of them for each is O(n²).
    private static final int MARGIN = 8;

    private final int window =
        MARGIN + stops.stream().mapToInt(stop -> stop.length() + 1).max().orElse(0);
    private final int[] last = new int[window];
    private int seen;
    private boolean stopped;
    private String text = "";
    private Tokens tokens = Tokens.of();

    boolean accept(int id) {
      last[seen % window] = id;
      seen++;
      if (stops.isEmpty()) {
        return true;
      }
      int size = Math.min(seen, window);
      int[] ids = new int[size];
      for (int i = 0; i < size; i++) {
        ids[i] = last[(seen - size + i) % window];
      }
      String tail = tokenizer.decode(Tokens.of(ids));
      stopped = stops.stream().anyMatch(tail::contains);
      return !stopped;
    }

    void finish(Tokens made) {
      tokens = made;
      String whole = tokenizer.decode(made);
      text = Stops.before(whole, stops);
      stopped |= text.length() < whole.length();
      stopped |= !made.isEmpty() && tokenizer.endIds().contains(made.get(made.size() - 1));
    }
  }
}
