package io.dil.train;

import io.dil.core.torch.TorchNatives;
import io.dil.train.config.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run on the stand-in for CUDA in a process of its own, whose memory begins as zeros: prints the
 * counters of each step, as {@code step N {name=value, ...}}.
 */
final class StepCounters {
  private StepCounters() {}

  /** Runs with the settings {@code key=value}. */
  public static void main(String[] args) {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (String word : args) {
      String[] pair = word.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    TorchNatives.prepare();
    new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void stepped(long step, int examples, Map<String, Double> metrics) {
                System.out.println("step " + step + " " + FakeCuda.counters());
                FakeCuda.reset();
              }
            })
        .run();
    System.exit(0);
  }
}
