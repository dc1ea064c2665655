package io.dil.examples;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderProgram;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.TorchProgram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Measures the head alone: log-probabilities of {@code tokens} targets over {@code vocabulary}
 * words, then the gradients of hidden states and weight, fp32, in the tiles that a pass takes.
 *
 * <p>Arguments: {@code tokens=N vocabulary=N hidden=N repeats=N}, and {@code head_bytes=N} for
 * another bound on a tile. The first of the repeats gives the highest resident memory above that
 * before, forward and then both; all give seconds. Both gradients are made within the measured
 * span.
 */
public final class MeasureHead {
  private final TorchProgram program;
  private final NDArray weight;
  private final int vocabulary;
  private final int hidden;
  private final long bytes;
  private final List<Double> forward = new ArrayList<>();
  private final List<Double> both = new ArrayList<>();
  private long forwardPeak;

  private MeasureHead(
      NDManager manager, TorchProgram program, int vocabulary, int hidden, long bytes) {
    this.program = program;
    this.vocabulary = vocabulary;
    this.hidden = hidden;
    weight = RandomLlama.random(manager, List.of((long) vocabulary, (long) hidden));
    this.bytes = bytes;
  }

  /** Runs and prints. */
  public static void main(String[] args) throws IOException {
    Map<String, String> words = Measured.words(args);
    int tokens = Measured.integer(words, "tokens");
    int vocabulary = Measured.integer(words, "vocabulary");
    int hidden = Measured.integer(words, "hidden");
    int repeats = Measured.integer(words, "repeats");
    String bound = String.valueOf(ComputeOptions.DEFAULT.headBytes());
    long bytes = Long.parseLong(words.getOrDefault("head_bytes", bound));
    Map<String, Object> result = new LinkedHashMap<>();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TorchProgram program =
            DecoderProgram.compile(
                manager, RandomLlama.spec(vocabulary, hidden, hidden, 1, 1), false);
        GradMode off = GradMode.off()) {
      MeasureHead head = new MeasureHead(manager, program, vocabulary, hidden, bytes);
      // A few rows first: code and kernels are in memory before anything is counted.
      head.run(head.inputs(manager, 8));
      NDArray[] inputs = head.inputs(manager, tokens);
      head.forward.clear();
      head.both.clear();
      long before = Measured.resident();
      Measured.forgetPeak();
      double processor = Measured.processorSeconds();
      head.run(inputs);
      result.put("forward_peak_bytes", head.forwardPeak - before);
      result.put("peak_bytes", Measured.peak() - before);
      for (int i = 1; i < repeats; i++) {
        head.run(inputs);
      }
      result.put("cpu_s", (Measured.processorSeconds() - processor) / repeats);
      result.put("forward_s", head.forward);
      result.put("both_s", head.both);
      result.put("tile_bytes", head.bytes);
    }
    result.put("versions", Measured.versions());
    Measured.print(result);
  }

  /** Returns hidden states, targets, and the gradients of the targets' log-probabilities. */
  private NDArray[] inputs(NDManager manager, int tokens) {
    return new NDArray[] {
      RandomLlama.random(manager, List.of((long) tokens, (long) hidden)),
      manager.create(new Random(0).longs(tokens, 0, vocabulary).toArray()),
      manager.ones(new Shape(tokens))
    };
  }

  private void run(NDArray[] inputs) {
    try (NDManager scope = inputs[0].getManager().newSubManager()) {
      long began = System.nanoTime();
      NDList found =
          program
              .call("token_log_probs")
              .with(inputs[0])
              .with(weight)
              .with(inputs[1])
              .with(bytes)
              .run(scope);
      forward.add((System.nanoTime() - began) / 1e9);
      forwardPeak = Measured.peak();
      NDArray gradient = scope.zeros(weight.getShape());
      program
          .call("head_backward")
          .with(inputs[0])
          .with(weight)
          .with(inputs[1])
          .with(inputs[2])
          .with(found.get(1))
          .with(found.get(2))
          .with(bytes)
          .with(gradient)
          .single(scope);
      both.add((System.nanoTime() - began) / 1e9);
    }
  }
}
