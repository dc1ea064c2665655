package io.dil.examples;

import ai.djl.Device;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.Recompute;
import io.dil.data.TokenizedExample;
import io.dil.losses.Losses;
import io.dil.train.PassSize;
import io.dil.train.Trainer;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Measures steps of DPO, fp32, on pairs of random tokens of given lengths: seconds, processor
 * seconds, highest resident memory, and on request the time of every call of a program.
 *
 * <p>Arguments: {@code model=DIR}, {@code points=POINT;POINT}, {@code rounds=N}, {@code
 * profile=true}. A point is {@code PROMPT:CHOSEN:REJECTED*PAIRS,…/SHARE/RECOMPUTE}, for instance
 * {@code 64:192:192*4/true/never}. Points take turns, forwards in one round and backwards in the
 * next; a first round is not timed. Memory is that of all points together, so a process of its own
 * is needed for each whose memory counts.
 */
public final class MeasureSteps {
  private static final double LEARNING_RATE = 1e-6;

  private MeasureSteps() {}

  /** Runs and prints. */
  public static void main(String[] args) throws IOException {
    Map<String, String> words = Measured.words(args);
    int rounds = Measured.integer(words, "rounds");
    ModelFolder folder = ModelFolder.open(Path.of(Measured.text(words, "model")));
    Map<String, Object> result = new LinkedHashMap<>();
    try (DecoderLm policy = DecoderLm.load(folder, Device.cpu(), Precision.FLOAT32).trainAll();
        DecoderLm frozen = DecoderLm.load(folder, Device.cpu(), Precision.FLOAT32);
        AdamW optimizer =
            new AdamW(
                policy.parameters(),
                policy.manager(),
                policy.kernels(),
                new AdamW.Options(0.9, 0.999, 1e-8, 0))) {
      int vocabulary = policy.spec().vocabSize();
      List<Point> points = new ArrayList<>();
      for (String text : Measured.text(words, "points").split(";", -1)) {
        points.add(Point.parse(text, vocabulary));
      }
      Steps steps = new Steps(policy, frozen, optimizer);
      // Code, kernels and the optimiser's moments are in memory before anything is counted.
      steps.take(Point.parse("4:4:4*1/true/never", vocabulary));
      Measured.forgetPeak();
      result.put("rss_before_bytes", Measured.resident());
      points.forEach(steps::take);
      points.forEach(Point::forget);
      boolean profiled = Boolean.parseBoolean(words.get("profile"));
      try (CallProfile profile = profiled ? CallProfile.start() : null) {
        for (int round = 0; round < rounds; round++) {
          for (int i = 0; i < points.size(); i++) {
            steps.take(points.get(round % 2 == 0 ? i : points.size() - 1 - i));
          }
        }
        if (profile != null) {
          result.put("calls", profile.stop());
        }
      }
      result.put("peak_rss_bytes", Measured.peak());
      result.put("points", points.stream().map(Point::json).toList());
    }
    result.put("versions", Measured.versions());
    Measured.print(result);
  }

  /** Pairs and how to compute them, with what was measured. */
  private record Point(
      String name,
      List<TokenizedExample> examples,
      ComputeOptions options,
      List<Double> seconds,
      List<Double> processor) {
    static Point parse(String text, int vocabulary) {
      String[] parts = text.split("/", -1);
      if (parts.length != 3) {
        throw new IllegalArgumentException(
            "point must be LENGTHS/SHARE/RECOMPUTE, got '" + text + "'");
      }
      ComputeOptions options =
          ComputeOptions.DEFAULT
              .withSharing(sharing(parts[1]))
              .withRecompute(Recompute.valueOf(parts[2].toUpperCase(Locale.ROOT)));
      Random random = new Random(0);
      List<TokenizedExample> examples = new ArrayList<>();
      for (String lengths : parts[0].split(",", -1)) {
        String[] pair = lengths.split("[:*]", -1);
        for (int i = 0; i < Integer.parseInt(pair[3]); i++) {
          Tokens prompt = tokens(pair[0], vocabulary, random);
          List<Tokens> responses =
              List.of(tokens(pair[1], vocabulary, random), tokens(pair[2], vocabulary, random));
          examples.add(new TokenizedExample(text, new TokenGroup(prompt, responses), true));
        }
      }
      return new Point(text, examples, options, new ArrayList<>(), new ArrayList<>());
    }

    private static PromptSharing sharing(String word) {
      return switch (word) {
        case "true" -> PromptSharing.ALWAYS;
        case "false" -> PromptSharing.NEVER;
        case "auto" -> PromptSharing.AUTO;
        default ->
            throw new IllegalArgumentException(
                "sharing must be true, false or auto, got '" + word + "'");
      };
    }

    private static Tokens tokens(String count, int vocabulary, Random random) {
      return Tokens.of(random.ints(Integer.parseInt(count), 0, vocabulary).toArray());
    }

    void forget() {
      seconds.clear();
      processor.clear();
    }

    Map<String, Object> json() {
      return Map.of("point", name, "seconds", seconds, "cpu_seconds", processor);
    }
  }

  /** Takes steps of one model at any point. */
  private record Steps(DecoderLm policy, DecoderLm frozen, AdamW optimizer) {
    void take(Point point) {
      Trainer trainer =
          new Trainer(
              policy,
              ReferenceScores.frozen(frozen, point.options()),
              Objective.of(Losses.create("dpo", Map.of())),
              optimizer,
              new Trainer.Options(PassSize.of(point.examples().size()), 1, point.options(), 0));
      double processor = Measured.processorSeconds();
      long began = System.nanoTime();
      trainer.step(point.examples(), LEARNING_RATE);
      point.seconds().add((System.nanoTime() - began) / 1e9);
      point.processor().add(Measured.processorSeconds() - processor);
    }
  }
}
