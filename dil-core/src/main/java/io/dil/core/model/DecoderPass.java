package io.dil.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.TorchProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * One pass, layer by layer. Each layer's input is a leaf, so the graph is a chain of short pieces: the
 * backward pass takes one layer's vector-Jacobian product at a time, adds the weights' gradients into
 * their fp32 sums at once, and frees the piece. At no time do the gradients of two layers stand beside
 * the sums. With recomputation only the inputs are kept and a piece is rebuilt just before its turn.
 *
 * The head needs no graph: its gradient is known (layers.py, head_backward), tile by tile.
 */
final class DecoderPass extends OncePass {
  /** The widest head that torch's flash kernel takes. */
  private static final int MOST_HEAD_DIM = 256;

  private final DecoderLm model;
  private final TorchProgram program;
  private final TokenBatch batch;
  private final NDManager scope;
  private final boolean recompute;
  private final long headBytes;

  private final NDArray ids;
  private final NDArray layout;
  private final NDArray targets;
  private final NDArray segments;
  private final List<NDArray[]> rotary;
  // What the layers read beside their weights: where runs begin, and the rows of the adapter's
  // masks.
  private final Map<String, NDArray> extras = new LinkedHashMap<>();
  // Below it no gradient is needed: with an adapter on the upper layers alone, the rest just runs.
  private final int lowest;
  // inputs[i] is the leaf that goes into layer lowest + i; outputs[i] what came out, for its graph.
  private final List<NDArray> inputs = new ArrayList<>();
  private final List<NDArray> outputs = new ArrayList<>();
  private final NDArray last;
  private final NDArray hidden;
  private final NDArray terms;
  private final NDArray largest;
  private final NDArray totals;
  private final double[] logProbs;

  DecoderPass(DecoderLm model, TokenBatch batch, ComputeOptions options, boolean train) {
    super(train);
    this.model = model;
    this.program = model.program();
    this.batch = batch;
    // A graph would hold on to weights that were brought together.
    boolean parts = model.parts().inParts();
    this.recompute =
        train
            && (parts
                || options.recompute() == Recompute.ALWAYS
                || (options.recompute() == Recompute.AUTO && !model.fits(batch, options)));
    this.lowest = train ? model.lowestTrained() : model.spec().layers();
    this.headBytes = options.headBytes();
    this.scope = model.manager().newSubManager();
    try {
      NDManager cpu = scope.newSubManager(Device.cpu());
      ids = upload(batch.ids());
      layout = cpu.create(batch.layout(), new Shape(batch.layout().length / 4, 4));
      targets = upload(batch.targets());
      segments = upload(batch.segments());
      rotary = model.rotary().rows(scope, batch.positions(), batch.lengths());
      NDArray rows = upload(batch.rows());
      if (packed(options.attention())) {
        extras.put("runs.queries", model.kernels().upload(scope, batch.offsets(false)));
        extras.put("runs.keys", model.kernels().upload(scope, batch.offsets(true)));
      }
      Dropout dropout = options.dropout();
      if (dropout != null && model.dropout() > 0) {
        extras.put(
            "dropout.rows", scope.create(dropout.rows(batch), new Shape(2, batch.ids().length, 1)));
        // On the CPU, since the program reads it as a number.
        extras.put("dropout.share", cpu.create(model.dropout()));
      }

      NDArray x;
      try (GradMode off = GradMode.off();
          WholeWeights table = model.parts().embedding()) {
        x = program.call("embed").with(ids).with(table.single()).single(scope);
      }
      for (int i = 0; i < model.spec().layers(); i++) {
        x = i < lowest ? plain(i, x) : step(i, x);
      }
      last = train ? model.kernels().leaf(scope, x) : x;
      try (GradMode mode = train ? GradMode.on() : GradMode.off()) {
        hidden =
            program.call("finish").with(last).with(rows).with(model.parts().finals()).single(scope);
      }
      NDList head = head();
      terms = head.get(0);
      largest = head.get(1);
      totals = head.get(2);
      logProbs = sums(terms);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private NDArray upload(long[] values) {
    return model.kernels().upload(scope, values);
  }

  /**
   * Returns whether all runs go into one kernel: there is one for 16 bits on CUDA, without caps.
   */
  private boolean packed(AttentionRuns wish) {
    boolean can = !model.spec().constants().containsKey("attention_cap");
    return switch (wish) {
      case BY_RUN -> false;
      case PACKED -> can;
      case AUTO ->
          can
              && model.manager().getDevice().isGpu()
              && model.precision() == Precision.BFLOAT16
              && model.spec().headDim() <= MOST_HEAD_DIM
              && model.spec().headDim() % 8 == 0;
    };
  }

  private NDArray layer(int index, NDArray x, WholeWeights whole) {
    NDArray[] turns = rotary.get(index);
    Map<String, NDArray> weights = whole.arrays();
    if (!extras.isEmpty()) {
      weights = new LinkedHashMap<>(weights);
      weights.putAll(extras);
    }
    return program
        .call("layer")
        .with(x)
        .with(turns[0])
        .with(turns[1])
        .with(layout)
        .with(weights)
        .single(scope);
  }

  private NDArray plain(int index, NDArray x) {
    try (GradMode off = GradMode.off();
        WholeWeights whole = model.parts().layer(index, List.of())) {
      return replace(x, layer(index, x, whole));
    }
  }

  private NDArray step(int index, NDArray x) {
    try (GradMode mode = recompute ? GradMode.off() : GradMode.on();
        WholeWeights whole = model.parts().layer(index, List.of())) {
      NDArray input = model.kernels().leaf(scope, x);
      if (recompute) {
        x.close();
      }
      NDArray output = layer(index, input, whole);
      inputs.add(input);
      outputs.add(output);
      return output;
    }
  }

  private static NDArray replace(NDArray old, NDArray fresh) {
    old.close();
    return fresh;
  }

  /**
   * Returns the scored tokens' log-probabilities (M), and each row's largest logit and sum of
   * exponentials (M, 1).
   */
  private NDList head() {
    try (GradMode off = GradMode.off();
        WholeWeights table = model.parts().head()) {
      return program
          .call("token_log_probs")
          .with(hidden)
          .with(table.single())
          .with(targets)
          .with(headBytes)
          .run(scope);
    }
  }

  private double[] sums(NDArray terms) {
    try (GradMode off = GradMode.off();
        NDArray sums =
            program
                .call("segment_sums")
                .with(terms)
                .with(segments)
                .with((long) batch.responses())
                .single(scope)) {
      return model.kernels().doubles(sums);
    }
  }

  @Override
  public double[] logProbs() {
    return logProbs.clone();
  }

  @Override
  public List<float[]> tokenLogProbs() {
    float[] all = model.kernels().floats(terms);
    List<float[]> byResponse = new ArrayList<>();
    int from = 0;
    for (int response = 0; response < batch.responses(); response++) {
      int to = from;
      while (to < all.length && batch.segments()[to] == response) {
        to++;
      }
      byResponse.add(Arrays.copyOfRange(all, from, to));
      from = to;
    }
    return byResponse;
  }

  @Override
  protected void push(double[] weights) {
    ModelSpec spec = model.spec();
    TrainedWeights trained = model.trained();
    String head = spec.tied() ? spec.embedding() : spec.head();
    List<Long> table = List.of((long) spec.vocabSize(), (long) spec.hiddenSize());
    NDArray dw = trained.begin(scope, head, table);
    NDArray dx;
    try (GradMode off = GradMode.off()) {
      NDArray spread =
          program
              .call("spread")
              .with(model.kernels().upload(scope, weights))
              .with(segments)
              .single(scope);
      dx = headBackward(spread, dw);
    }
    if (dw != null && !spec.tied()) {
      trained.end(scope, head, dw, model.precision().storage());
    }
    dx = replace(dx, back(last, hidden, dx, model.parts().finals(), spec.finalPrefix()));
    hidden.close();
    last.close();
    for (int i = spec.layers() - 1; i >= lowest; i--) {
      NDArray input = inputs.get(i - lowest);
      NDArray output = outputs.get(i - lowest);
      dx = replace(dx, recompute ? backAgain(i, input, dx) : back(i, input, output, dx));
      input.close();
      output.close();
    }
    NDArray embedding = spec.tied() ? dw : trained.begin(scope, spec.embedding(), table);
    if (embedding != null) {
      try (GradMode off = GradMode.off()) {
        program.call("embed_backward").with(dx).with(ids).with(embedding).run();
      }
      trained.end(scope, spec.embedding(), embedding, model.precision().storage());
    }
    dx.close();
  }

  private NDArray headBackward(NDArray spread, @Nullable NDArray gradient) {
    try (WholeWeights table = model.parts().head()) {
      return program
          .call("head_backward")
          .with(hidden)
          .with(table.single())
          .with(targets)
          .with(spread)
          .with(largest)
          .with(totals)
          .with(headBytes)
          .with(gradient == null ? scope.create(new Shape(0)) : gradient)
          .single(scope);
    }
  }

  private NDArray back(int index, NDArray x, NDArray y, NDArray dy) {
    try (WholeWeights whole = model.parts().layer(index, List.of())) {
      return back(x, y, dy, whole.arrays(), model.spec().prefix(index));
    }
  }

  private NDArray backAgain(int index, NDArray input, NDArray dy) {
    String prefix = model.spec().prefix(index);
    try (GradMode on = GradMode.on();
        WholeWeights whole =
            model.parts().layer(index, trainedNames(prefix, model.spec().layerWeights()));
        NDArray output = layer(index, input, whole)) {
      return back(input, output, dy, whole.arrays(), prefix);
    }
  }

  private Set<String> trainedNames(String prefix, Map<String, ?> names) {
    return model.trained().sums(prefix, names.keySet()).keySet();
  }

  private NDArray back(
      NDArray x, NDArray y, NDArray dy, Map<String, NDArray> weights, String prefix) {
    Map<String, NDArray> sums = model.trained().sums(prefix, weights.keySet());
    try (GradMode on = GradMode.on()) {
      if (sums.isEmpty()) {
        return program.call("pass_back").with(x).with(y).with(dy).single(scope);
      }
      if (model.trained().shared()) {
        return backShared(x, y, dy, weights, sums);
      }
      return program
          .call("backward")
          .with(x)
          .with(y)
          .with(dy)
          .with(weights)
          .with(sums)
          .single(scope);
    }
  }

  private NDArray backShared(
      NDArray x, NDArray y, NDArray dy, Map<String, NDArray> weights, Map<String, NDArray> sums) {
    List<NDArray> own = sums.keySet().stream().map(weights::get).toList();
    NDList found = program.call("layer_gradients").with(x).with(y).with(dy).with(own).run(scope);
    try (GradMode off = GradMode.off()) {
      model.trained().reduce(found.subList(1, found.size()), sums);
    }
    for (int i = 1; i < found.size(); i++) {
      found.get(i).close();
    }
    return found.get(0);
  }

  @Override
  public void close() {
    scope.close();
  }
}
