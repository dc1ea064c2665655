package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.Assets;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How prompts take turns, and what is not computed twice. */
class GeneratorTest {
  private static ModelFolder folder;

  @BeforeAll
  static void open() {
    folder = ModelFolder.open(Assets.require("models/stories260K-hf"));
  }

  /** Counts the tokens that are fed, and can refuse to copy. */
  private static final class Counting implements DecodingSession {
    private final DecodingSession inner;
    private final boolean copies;
    private int fed;

    Counting(DecodingSession inner, boolean copies) {
      this.inner = inner;
      this.copies = copies;
    }

    @Override
    public List<float[]> extend(List<Tokens> next) {
      fed += next.stream().mapToInt(Tokens::size).sum();
      return inner.extend(next);
    }

    @Override
    public void restart(int sequence) {
      inner.restart(sequence);
    }

    @Override
    public boolean restart(int sequence, int from, int length) {
      if (!copies) {
        inner.restart(sequence);
        return false;
      }
      return inner.restart(sequence, from, length);
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  /** A prompt of each length, K times in a row. */
  private static List<Tokens> prompts(int answers) {
    List<Tokens> prompts = new ArrayList<>();
    for (int size : new int[] {5, 9, 3, 7}) {
      int[] ids = new int[size];
      Arrays.setAll(ids, i -> i == 0 ? 1 : 10 + 7 * i + size);
      prompts.addAll(Collections.nCopies(answers, Tokens.of(ids)));
    }
    return prompts;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 12})
  void anAnswerDependsOnItsPromptAndNumberAlone(int rows) {
    GenerationOptions options = GenerationOptions.sample(6, 1, 11);
    List<Tokens> prompts = prompts(3);
    try (DecoderLm model = DecoderLm.load(folder, Device.cpu(), Precision.FLOAT32)) {
      // A token that ends some answers early, so that places fall free one by one.
      Generator generator = new Generator(model, Set.of(prompts.get(0).get(1), 403, 426, 416));
      List<Tokens> expected = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        GenerationOptions own = options.withSeed(Generator.seed(11, i));
        expected.addAll(generator.generate(List.of(prompts.get(i)), own));
      }
      assertTrue(Set.copyOf(expected).size() > 8, () -> "answers differ: " + expected);
      List<Tokens> made = new ArrayList<>(Collections.nCopies(prompts.size(), Tokens.of()));
      generator.generate(prompts, options, rows, (sequence, id) -> true, made::set);
      assertEquals(expected, made);
    }
  }

  @Test
  void aPromptThatComesAgainIsComputedOnce() {
    GenerationOptions options = GenerationOptions.sample(4, 1, 3);
    List<Tokens> prompts = prompts(3);
    int distinct = 5 + 9 + 3 + 7;
    // The last token of an answer is not fed.
    int drawn = prompts.size() * 3;
    List<List<Tokens>> made = new ArrayList<>();
    try (DecoderLm model = DecoderLm.load(folder, Device.cpu(), Precision.FLOAT32)) {
      for (int rows : new int[] {12, 5, 2}) {
        for (boolean copies : new boolean[] {true, false}) {
          Counting[] session = new Counting[1];
          CausalLm counted =
              new Forwarding(model) {
                @Override
                public DecodingSession decode(int sequences, int maxLength) {
                  session[0] = new Counting(super.decode(sequences, maxLength), copies);
                  return session[0];
                }
              };
          List<Tokens> answers = new ArrayList<>(Collections.nCopies(prompts.size(), Tokens.of()));
          new Generator(counted, Set.of())
              .generate(prompts, options, rows, (sequence, id) -> true, answers::set);
          made.add(answers);
          String which = rows + " rows, " + copies;
          assertEquals(drawn + (copies ? distinct : 3 * distinct), session[0].fed, which);
        }
      }
    }
    made.forEach(answers -> assertEquals(made.get(0), answers));
  }

  @Test
  void weightsArePackedHereAndLogitsAreThoseOfThePass() {
    boolean x86 = System.getProperty("os.arch").equals("amd64");
    assertTrue(PackedWeights.available() || !x86, "torch has oneDNN on this processor");
    int[] ids = prompts(1).get(1).stream().toArray();
    try (DecoderLm model = DecoderLm.load(folder, Device.cpu(), Precision.FLOAT32);
        DecoderLm plain = DecoderLm.loadToCompare(folder, Device.cpu(), Precision.FLOAT32)) {
      try (DecodingSession packed = model.decode(2, 16);
          DecodingSession whole = plain.decode(2, 16)) {
        List<Tokens> start = List.of(Tokens.of(ids[0]), Tokens.of(ids[0]));
        packed.extend(start);
        for (int i = 1; i < ids.length; i++) {
          List<Tokens> next = List.of(Tokens.of(ids[i]), Tokens.of());
          float[] found = packed.extend(next).get(0);
          Tokens all = Tokens.of(Arrays.copyOf(ids, i + 1));
          whole.restart(1);
          float[] expected = whole.extend(List.of(Tokens.of(), all)).get(1);
          for (int v = 0; v < expected.length; v++) {
            assertEquals(expected[v], found[v], 2e-4, "token " + v);
          }
        }
      }
    }
  }
}
