package io.dil.examples;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.model.DecoderProgram;
import io.dil.core.model.ModelSpec;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchProgram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures one decoder layer of Llama, fp32: forward, and forward with backward, as a training pass
 * calls them.
 *
 * <p>Arguments: {@code hidden=N intermediate=N heads=N kv_heads=N tokens=N seconds=N}. Each of the
 * two is repeated for so many seconds and no fewer than five times, after a tenth of that untimed.
 */
public final class MeasureLayer {
  private static final int LEAST = 5;
  private static final int LEAST_UNTIMED = 2;

  private final NDManager manager;
  private final Kernels kernels;
  private final TorchProgram program;
  private final Map<String, NDArray> weights;
  private final Map<String, NDArray> gradients = new LinkedHashMap<>();
  private final NDArray x;
  private final NDArray dy;
  private final NDArray cos;
  private final NDArray sin;
  private final NDArray layout;

  private MeasureLayer(NDManager manager, TorchProgram program, ModelSpec spec, long tokens) {
    this.manager = manager;
    this.program = program;
    kernels = new Kernels(manager);
    weights = RandomLlama.layer(manager, spec);
    weights.forEach(
        (name, weight) -> {
          weight.setRequiresGradient(true);
          gradients.put(name, Kernels.zerosLike(manager, weight));
        });
    List<Long> states = List.of(tokens, (long) spec.hiddenSize());
    x = RandomLlama.random(manager, states);
    dy = RandomLlama.random(manager, states);
    cos = RandomLlama.random(manager, List.of(tokens, (long) spec.headDim()));
    sin = RandomLlama.random(manager, List.of(tokens, (long) spec.headDim()));
    layout = manager.create(new long[] {0, tokens, 0, 0}, new Shape(1, 4));
  }

  /** Runs and prints. */
  public static void main(String[] args) throws IOException {
    Map<String, String> words = Measured.words(args);
    double seconds = Double.parseDouble(Measured.text(words, "seconds"));
    ModelSpec spec =
        RandomLlama.spec(
            32,
            Measured.integer(words, "hidden"),
            Measured.integer(words, "intermediate"),
            Measured.integer(words, "heads"),
            Measured.integer(words, "kv_heads"));
    Map<String, Object> result = new LinkedHashMap<>();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TorchProgram program = DecoderProgram.compile(manager, spec, false)) {
      MeasureLayer layer =
          new MeasureLayer(manager, program, spec, Measured.integer(words, "tokens"));
      result.put("forward", timed(layer::forward, seconds));
      result.put("both", timed(layer::both, seconds));
      layer.kernels.close();
    }
    result.put("versions", Measured.versions());
    Measured.print(result);
  }

  private static Map<String, Object> timed(Runnable work, double seconds) {
    List<Double> times = new ArrayList<>();
    repeat(work, seconds / 10, LEAST_UNTIMED, times);
    times.clear();
    double processor = Measured.processorSeconds();
    repeat(work, seconds, LEAST, times);
    processor = Measured.processorSeconds() - processor;
    return Map.of(
        "median_s",
        Measured.median(times),
        "count",
        times.size(),
        "cpu_s",
        processor / times.size());
  }

  private static void repeat(Runnable work, double seconds, int least, List<Double> times) {
    long start = System.nanoTime();
    while (times.size() < least || System.nanoTime() - start < seconds * 1e9) {
      long began = System.nanoTime();
      work.run();
      times.add((System.nanoTime() - began) / 1e9);
    }
  }

  private NDArray layer(NDManager scope, NDArray input) {
    return program
        .call("layer")
        .with(input)
        .with(cos)
        .with(sin)
        .with(layout)
        .with(weights)
        .single(scope);
  }

  private void forward() {
    try (GradMode off = GradMode.off();
        NDManager scope = manager.newSubManager()) {
      layer(scope, x);
    }
  }

  private void both() {
    try (GradMode on = GradMode.on();
        NDManager scope = manager.newSubManager()) {
      NDArray input = kernels.leaf(scope, x);
      NDArray output = layer(scope, input);
      program
          .call("backward")
          .with(input)
          .with(output)
          .with(dy)
          .with(weights)
          .with(gradients)
          .single(scope);
    }
  }
}
