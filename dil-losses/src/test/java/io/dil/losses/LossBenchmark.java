package io.dil.losses;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Loss and gradient of 128 pairs in single precision; docs/losses.md has the command and the
 * numbers.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class LossBenchmark {
  private static final int PAIRS = 128;

  @Param({"dil-lsif"})
  private String name = "dil-lsif";

  private PreferenceLoss loss = Losses.create("dil-lsif");
  private NDManager manager = NDManager.newBaseManager();
  private float[] policy = new float[2 * PAIRS];
  private float[] reference = new float[2 * PAIRS];
  private float[] tokens = new float[2 * PAIRS];

  /** Makes numbers that look like those of a language model early in training. */
  @Setup
  public void prepare() {
    loss = Losses.create(name);
    Responses data = Responses.random(1, PAIRS);
    for (int i = 0; i < 2 * PAIRS; i++) {
      policy[i] = (float) data.policy()[i];
      reference[i] = (float) data.reference()[i];
      tokens[i] = (float) data.tokens()[i];
    }
  }

  @TearDown
  public void close() {
    manager.close();
  }

  /** Everything that a training step does for its loss: arrays in, loss, gradient out. */
  @Benchmark
  public float[] lossAndGradient() {
    try (NDManager step = manager.newSubManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray live = step.create(policy);
      live.setRequiresGradient(true);
      NDArray frozen = step.create(reference);
      NDArray counts = step.create(tokens);
      collector.backward(losses(step, live, frozen, counts).mean());
      return live.getGradient().toFloatArray();
    }
  }

  private NDArray losses(NDManager step, NDArray live, NDArray frozen, NDArray counts) {
    if (loss instanceof PairwiseLoss pairwise) {
      return pairwise.compute(halves(live, counts), halves(frozen, counts)).perExample();
    }
    if (loss instanceof PointwiseLoss pointwise) {
      return pointwise
          .compute(
              new ResponseLogProbs(live, counts),
              new ResponseLogProbs(frozen, counts),
              step.arange(2f * PAIRS).mod(2),
              step.create(0.3f))
          .perExample();
    }
    return ((DemonstrationLoss) loss).compute(new ResponseLogProbs(live, counts)).perExample();
  }

  private static PairLogProbs halves(NDArray all, NDArray counts) {
    String first = "0:" + PAIRS;
    String second = PAIRS + ":";
    return new PairLogProbs(all.get(first), all.get(second), counts.get(first), counts.get(second));
  }

  /** Runs every loss of the list. */
  public static void main(String[] arguments) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(LossBenchmark.class.getName())
                .param("name", Losses.names().toArray(String[]::new))
                .build())
        .run();
  }
}
