package io.dil.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.TorchProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/*
 * One pass, layer by layer. Each layer's input is a leaf, so the graph is a chain of short pieces: the
 * backward pass takes one layer's vector-Jacobian product at a time, adds the weights' gradients into
 * their fp32 sums at once, and frees the piece. At no time do the gradients of two layers stand beside
 * the sums. With recomputation only the inputs are kept and a piece is rebuilt just before its turn.
 */
final class DecoderPass extends OncePass {
  /** The widest head that torch's flash kernel takes. */
  private static final int MOST_HEAD_DIM = 256;

  private final DecoderLm model;
  private final TorchProgram program;
  private final NDManager scope;
  private final boolean recompute;

  private final NDArray ids;
  private final NDArray layout;
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
  private final PassHead head;

  DecoderPass(DecoderLm model, TokenBatch batch, ComputeOptions options, boolean train) {
    super(train);
    this.model = model;
    this.program = model.program();
    // A graph would hold on to weights that were brought together.
    boolean parts = model.parts().inParts();
    this.recompute =
        train
            && (parts
                || options.recompute() == Recompute.ALWAYS
                || (options.recompute() == Recompute.AUTO && !model.fits(batch, options)));
    this.lowest = train ? model.lowestTrained() : model.spec().layers();
    this.scope = model.manager().newSubManager();
    PassScope own = new PassScope(model, batch, scope, options);
    try {
      NDManager cpu = scope.newSubManager(Device.cpu());
      ids = own.upload(batch.ids());
      layout = cpu.create(batch.layout(), new Shape(batch.layout().length / 4, 4));
      rotary = model.rotary().rows(scope, batch.positions(), batch.lengths());
      NDArray rows = own.upload(batch.rows());
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
      head = PassHead.of(own, hidden);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
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

  @Override
  public double[] scores() {
    return head.scores();
  }

  @Override
  public double[] alignments() {
    return head.alignments();
  }

  @Override
  public List<float[]> tokenLogProbs() {
    return head.tokenLogProbs();
  }

  @Override
  public List<TokenStatistics> statistics() {
    return head.statistics();
  }

  @Override
  protected void push(double[] weights) {
    ModelSpec spec = model.spec();
    TrainedWeights trained = model.trained();
    String table = spec.tied() ? spec.embedding() : spec.head();
    NDArray dw = trained.begin(scope, table, spec.headShape());
    NDArray dx = head.backward(weights, dw);
    if (dw != null && !spec.tied()) {
      trained.end(scope, table, dw, model.precision().storage());
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
    NDArray embedding =
        spec.tied() ? dw : trained.begin(scope, spec.embedding(), spec.tableShape());
    if (embedding != null) {
      try (GradMode off = GradMode.off()) {
        program.call("embed_backward").with(dx).with(ids).with(embedding).run();
      }
      trained.end(scope, spec.embedding(), embedding, model.precision().storage());
    }
    dx.close();
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
