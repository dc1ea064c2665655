package io.dil.train;

import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.data.TokenizedExample;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.report.GenerationSample;
import java.util.ArrayList;
import java.util.List;

/** Greedy answers to a few held-out prompts, for the report: before training and after it. */
final class Samples {
  private final TrainingConfig config;
  private final RunData data;
  private final ExampleTokenizer tokenizer;
  private final Stopping stop;

  Samples(TrainingConfig config, RunData data, ExampleTokenizer tokenizer, Stopping stop) {
    this.config = config;
    this.data = data;
    this.tokenizer = tokenizer;
    this.stop = stop;
  }

  /** Answers with {@code model} as it is. */
  List<GenerationSample> generate(CausalLm model) {
    int count = config.get(Settings.SAMPLES);
    if (count == 0 || !model.writesText()) {
      return List.of();
    }
    List<Tokens> prompts =
        data.samples(count).stream()
            .map(TokenizedExample::tokens)
            .map(group -> group.prompt())
            .toList();
    List<Tokens> answers =
        new Generator(model, tokenizer.endIds())
            .generate(
                prompts,
                GenerationOptions.greedy(config.get(Settings.SAMPLE_TOKENS)),
                // Ranks that hold the weights together must all make the same tokens.
                (sequence, id) -> config.get(DeviceSettings.ZERO_STAGE) == 3 || !stop.isAsked());
    stop.check();
    List<GenerationSample> samples = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      samples.add(
          new GenerationSample(
              tokenizer.decode(prompts.get(i)),
              promptNote(prompts.get(i)),
              tokenizer.decode(answers.get(i)),
              answerNote(answers.get(i)),
              "",
              ""));
    }
    return samples;
  }

  private String promptNote(Tokens prompt) {
    int most = config.get(Settings.MAX_PROMPT_LENGTH);
    return prompt.size() < most ? "" : "(its last " + most + " tokens)";
  }

  private String answerNote(Tokens answer) {
    int size = answer.size();
    boolean ended = size > 0 && tokenizer.endIds().contains(answer.get(size - 1));
    return ended || size < config.get(Settings.SAMPLE_TOKENS) ? "" : "(cut at " + size + " tokens)";
  }

  /** Returns {@code before} with the answers of {@code model} as it is now. */
  List<GenerationSample> after(CausalLm model, List<GenerationSample> before) {
    List<GenerationSample> now = generate(model);
    List<GenerationSample> both = new ArrayList<>();
    for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
      both.add(before.get(i).with(now.get(i)));
    }
    return both;
  }
}
