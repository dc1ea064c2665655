package io.dil.train.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Precision;
import io.dil.data.Demonstration;
import io.dil.data.Example;
import io.dil.data.Prompt;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What answers to a prompt draw. */
class SamplingTest {
  private static final int ANSWERS = 6;

  @TempDir Path folder;

  @Test
  void answersToAPromptAreDrawnApartAndTheirTokensAreKept() throws IOException {
    Quickstart.unpack(folder);
    Path model = folder.resolve("model");
    ExampleTokenizer tokenizer = ExampleTokenizer.load(model, Truncation.NONE);
    List<Example> prompts =
        List.of(new Demonstration("a", new Prompt.Plain("ask mira for bread :"), "none"));
    List<Sampled> made = new ArrayList<>();
    try (DecoderLm lm = DecoderLm.load(ModelFolder.open(model), Device.cpu(), Precision.FLOAT32)) {
      // So hot that every token is about as likely: what is drawn shows the random numbers.
      new Sampling(
              lm,
              tokenizer,
              GenerationOptions.sample(40, 1e6, 3),
              List.of(),
              ANSWERS,
              Truncation.NONE.maxPromptLength())
          .draw(prompts, 0, ANSWERS, () -> true, (index, sampled) -> made.add(sampled));
    }
    Sampled one = made.get(0);
    assertEquals(tokenizer.encodePrompt(prompts.get(0).prompt()), one.prompt());
    int longest = 0;
    for (int n = 0; n < ANSWERS; n++) {
      Tokens tokens = one.responses().get(n);
      assertEquals(tokenizer.decode(tokens), one.answers().responses().get(n));
      assertEquals(tokens.size(), one.answers().tokens().get(n));
      longest = Math.max(longest, tokens.size());
    }
    assertTrue(longest > 15, () -> "answers must be long enough to be compared, got " + one);
    // No answer repeats another from a token later on, as streams that are shifted would.
    for (int n = 0; n + 1 < ANSWERS; n++) {
      Tokens first = one.responses().get(n);
      Tokens second = one.responses().get(n + 1);
      int overlap = Math.min(first.size() - 1, second.size());
      int equal = 0;
      for (int i = 0; i < overlap; i++) {
        equal += first.get(i + 1) == second.get(i) ? 1 : 0;
      }
      assertTrue(overlap < 4 || equal < overlap / 2, first + " and " + second);
    }
  }
}
