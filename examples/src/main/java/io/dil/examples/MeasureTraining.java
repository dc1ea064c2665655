package io.dil.examples;

import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures training: pairs and tokens a second, a processor second, time to the first step, and the
 * highest resident memory, as one line of JSON. {@code docs/benchmarks/compare.py} runs it in turn
 * with TRL.
 *
 * <p>Arguments: {@code warmup=N} steps that are not timed, then settings as {@code key=value}.
 */
public final class MeasureTraining {
  private MeasureTraining() {}

  /** Runs and prints. */
  public static void main(String[] args) throws IOException {
    long born = ManagementFactory.getRuntimeMXBean().getStartTime();
    Map<String, Object> settings = new LinkedHashMap<>(Measured.words(args));
    int warmup = Integer.parseInt(String.valueOf(settings.remove("warmup")));
    Times times = new Times();
    new TrainingRun(TrainingConfig.of(settings), times).run();

    int steps = times.ends.size() - warmup;
    double seconds = (times.ends.get(warmup + steps - 1) - times.ends.get(warmup - 1)) / 1e9;
    double processor = times.processor.get(warmup + steps - 1) - times.processor.get(warmup - 1);
    int pairs = times.examples.subList(warmup, warmup + steps).stream().mapToInt(n -> n).sum();
    double tokens = times.tokens.get(warmup + steps - 1) - times.tokens.get(warmup - 1);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("steps", steps);
    result.put("pairs_per_s", pairs / seconds);
    result.put("tokens_per_s", tokens / seconds);
    result.put("pairs_per_cpu_s", pairs / processor);
    result.put("time_to_first_step_s", (times.firstMillis - born) / 1e3);
    result.put("peak_rss_bytes", Measured.peak());
    result.put("step_s", times.seconds(warmup));
    result.put("step_cpu_s", processor / steps);
    result.put("timed_s", seconds);
    result.put("num_tokens", times.tokens);
    result.put("losses", times.losses);
    result.put("versions", Measured.versions());
    result.put("settings", settings);
    Measured.print(result);
  }

  /** Notes when each step ended. */
  private static final class Times implements TrainingListener {
    private final List<Long> ends = new ArrayList<>();
    private final List<Double> processor = new ArrayList<>();
    private final List<Integer> examples = new ArrayList<>();
    private final List<Double> tokens = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private long firstMillis;

    /** Returns the seconds of each step behind the first {@code warmup}. */
    private List<Double> seconds(int warmup) {
      List<Double> seconds = new ArrayList<>();
      for (int i = warmup; i < ends.size(); i++) {
        seconds.add((ends.get(i) - ends.get(i - 1)) / 1e9);
      }
      return seconds;
    }

    @Override
    public void stepped(long step, int count, Map<String, Double> metrics) {
      if (ends.isEmpty()) {
        firstMillis = System.currentTimeMillis();
      }
      ends.add(System.nanoTime());
      processor.add(Measured.processorSeconds());
      examples.add(count);
      tokens.add(metrics.getOrDefault("num_tokens", 0.0));
      losses.add(metrics.getOrDefault("loss", Double.NaN));
    }
  }
}
