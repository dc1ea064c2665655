package io.dil.examples;

import ai.djl.Device;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Precision;
import io.dil.data.Demonstration;
import io.dil.data.Example;
import io.dil.data.Prompt;
import io.dil.data.token.ExampleTokenizer;
import io.dil.data.token.Truncation;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import io.dil.train.pair.AnswerReward;
import io.dil.train.quickstart.Quickstart;
import io.dil.train.quickstart.Requests;
import io.dil.train.run.MetricsFile;
import io.dil.train.sample.Sampling;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * DIL on given pairs beside DIL on the policy's own answers, in the quickstart's language: from the
 * same model, with as many steps of as many pairs. A rule says which answers are preferred, and
 * measures all runs. It is the reward of the runs called {@code rule}; those called {@code model}
 * have a reward model that was trained on the given pairs.
 *
 * <p>Arguments: an empty folder, steps, seeds; then which runs, of {@code offline}, {@code rule}
 * and {@code model}.
 */
public final class MeasureOnPolicy {
  /** Answers to each of the 64 held-out requests. */
  private static final int ANSWERS = 8;

  private static final int NEW_TOKENS = 24;

  private MeasureOnPolicy() {}

  /** Preferred answers and different pairs of words, each as a share. */
  private record Counted(double preferred, double distinct2) {}

  /** Trains and prints a line of a table for every model that is measured. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    int steps = Integer.parseInt(args[1]);
    Quickstart.unpack(folder.resolve("input"));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("| run | seed | steps | preferred | distinct-2 | reward | KL | seconds |");
    out.println("|---|---|---|---|---|---|---|---|");
    line(out, "start", 1, 0, count(folder.resolve("input/model"), 1), Map.of(), 0);
    for (int seed = 1; seed <= Integer.parseInt(args[2]); seed++) {
      for (String name : List.of(args).subList(3, args.length)) {
        Path output = folder.resolve(name + "-" + seed);
        Map<String, Object> settings = settings(folder, output, name, seed);
        settings.put("max_steps", steps);
        settings.put("save_steps", steps / 4);
        settings.put("save_total_limit", 4);
        TrainingRun run = new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE);
        long start = System.nanoTime();
        (name.equals("rule") ? run.withReward(rule()) : run).run();
        double seconds = (System.nanoTime() - start) / 1e9;
        List<Map<String, Double>> rows = MetricsFile.read(output.resolve("metrics.jsonl"));
        for (int quarter = 1; quarter <= 4; quarter++) {
          int step = steps * quarter / 4;
          Path model = quarter < 4 ? output.resolve("checkpoint-" + step) : output;
          double took = quarter < 4 ? 0 : seconds;
          line(out, name, seed, step, count(model, seed), rows.get(step - 1), took);
        }
      }
    }
  }

  private static Map<String, Object> settings(Path folder, Path output, String name, int seed) {
    Map<String, Object> settings = new LinkedHashMap<>(Quickstart.settings(folder));
    List.of("num_train_epochs", "eval_holdout", "eval_steps").forEach(settings::remove);
    settings.put("output_dir", output.toString());
    settings.put("seed", seed);
    if (!name.equals("offline")) {
      settings.put("on_policy", true);
      settings.put("max_new_tokens", NEW_TOKENS);
    }
    if (name.equals("model")) {
      settings.put("on_policy_reward", rewardModel(folder, seed).toString());
    }
    return settings;
  }

  /** Trains a reward model on the given pairs. */
  private static Path rewardModel(Path folder, int seed) {
    Path output = folder.resolve("reward-" + seed);
    Map<String, Object> settings = settings(folder, output, "offline", seed);
    List.of("report_generations", "report_max_new_tokens").forEach(settings::remove);
    settings.put("loss_type", "reward-bt");
    settings.put("learning_rate", 1e-3);
    settings.put("max_steps", 100);
    new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run();
    return output;
  }

  /** Returns the rule: 1 for a preferred answer, else 0. */
  private static AnswerReward rule() {
    Map<String, Requests.Request> requests = new HashMap<>();
    for (boolean heldOut : new boolean[] {false, true}) {
      Requests.all(heldOut).forEach(request -> requests.put(request.prompt(), request));
    }
    return (prompt, answer) -> {
      Requests.Request request = requests.get(prompt);
      if (request == null) {
        throw new IllegalArgumentException("prompt must be a request, got '" + prompt + "'");
      }
      return request.prefers(answer) ? 1 : 0;
    };
  }

  private static Counted count(Path model, long seed) {
    List<Example> prompts = new ArrayList<>();
    Requests.all(true)
        .forEach(
            request ->
                prompts.add(
                    new Demonstration(
                        request.prompt(), new Prompt.Plain(request.prompt()), "none")));
    AnswerReward rule = rule();
    int[] preferred = new int[1];
    Set<List<String>> different = new HashSet<>();
    int[] all = new int[2];
    try (DecoderLm lm = DecoderLm.load(ModelFolder.open(model), Device.cpu(), Precision.FLOAT32)) {
      new Sampling(
              lm,
              ExampleTokenizer.load(model, Truncation.NONE),
              GenerationOptions.sample(NEW_TOKENS, 1, seed),
              List.of(),
              ANSWERS,
              Truncation.NONE.maxPromptLength())
          .run(
              prompts,
              0,
              64,
              (index, answers) -> {
                for (String answer : answers.responses()) {
                  preferred[0] += (int) rule.reward(answers.prompt().asText(), answer);
                  all[0]++;
                  List<String> words = List.of(answer.strip().split("\\s+"));
                  for (int i = 1; i < words.size(); i++) {
                    different.add(words.subList(i - 1, i + 1));
                    all[1]++;
                  }
                }
              });
    }
    return new Counted((double) preferred[0] / all[0], (double) different.size() / all[1]);
  }

  private static void line(
      PrintStream out,
      String name,
      int seed,
      int step,
      Counted counted,
      Map<String, Double> row,
      double seconds) {
    out.printf(
        Locale.ROOT,
        "| %s | %d | %d | %.1f %% | %.1f %% | %s | %s | %s |%n",
        name,
        seed,
        step,
        100 * counted.preferred(),
        100 * counted.distinct2(),
        number("%.2f", row.get("on_policy/reward")),
        number("%.2f", row.get("on_policy/kl")),
        seconds == 0 ? "" : number("%.0f", seconds));
  }

  private static String number(String form, @Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, form, value);
  }
}
