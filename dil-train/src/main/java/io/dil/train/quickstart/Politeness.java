package io.dil.train.quickstart;

import ai.djl.Device;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.core.model.Precision;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How often a model's own responses to held-out requests are the preferred ones, by the rule.
 *
 * @param preferred responses that the rule prefers
 * @param total responses
 * @param examples a few prompts with their responses
 */
public record Politeness(int preferred, int total, List<String> examples) {
  private static final int MAX_NEW_TOKENS = 24;
  private static final int SHOWN = 3;

  /** Returns the share of preferred responses, from 0 to 1. */
  public double rate() {
    return (double) preferred / total;
  }

  /**
   * Lets a model answer every held-out request a number of times, by sampling at temperature 1.
   *
   * @param model a folder that speaks the language
   * @param times answers to each request
   */
  public static Politeness measure(Path model, int times, long seed) {
    List<Requests.Request> requests = Requests.all(true);
    ExampleTokenizer tokenizer = ExampleTokenizer.load(model, Truncation.NONE);
    List<Tokens> prompts =
        requests.stream().map(request -> tokenizer.encodePrompt(request.prompt())).toList();
    int preferred = 0;
    List<String> examples = new ArrayList<>();
    try (DecoderLm lm = DecoderLm.load(ModelFolder.open(model), Device.cpu(), Precision.FLOAT32)) {
      Generator generator = new Generator(lm, tokenizer.endIds());
      for (int t = 0; t < times; t++) {
        List<Tokens> answers =
            generator.generate(prompts, GenerationOptions.sample(MAX_NEW_TOKENS, 1, seed + t));
        for (int i = 0; i < answers.size(); i++) {
          String answer = tokenizer.decode(answers.get(i));
          preferred += requests.get(i).prefers(answer) ? 1 : 0;
          if (t == 0 && i < SHOWN) {
            examples.add(requests.get(i).prompt() + "  " + answer.trim());
          }
        }
      }
    }
    return new Politeness(preferred, requests.size() * times, examples);
  }
}
