package io.dil.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.Tokens;
import io.dil.core.torch.GradMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Decoding with one key and one value cache (sequences, length, kv heads, head dim) a layer. */
final class CachedDecoding implements DecodingSession {
  private final DecoderLm model;
  private final NDManager scope;
  private final List<Map<String, NDArray>> layers = new ArrayList<>();
  private final int[] lengths;
  private final int maxLength;

  CachedDecoding(DecoderLm model, int sequences, int maxLength) {
    this.model = model;
    this.maxLength = maxLength;
    this.lengths = new int[sequences];
    scope = model.manager().newSubManager();
    ModelSpec spec = model.spec();
    Shape shape = new Shape(sequences, maxLength, spec.kvHeads(), spec.headDim());
    for (int i = 0; i < spec.layers(); i++) {
      Map<String, NDArray> weights = new LinkedHashMap<>(model.layer(i));
      weights.put("cache.key", cache(shape));
      weights.put("cache.value", cache(shape));
      layers.add(weights);
    }
  }

  private NDArray cache(Shape shape) {
    try (NDArray zeros = scope.zeros(shape)) {
      return model.kernels().cast(scope, zeros, model.precision().storage());
    }
  }

  @Override
  public List<float[]> extend(List<Tokens> next) {
    if (next.size() != lengths.length) {
      throw new IllegalArgumentException(
          "next must have one entry a sequence, " + lengths.length + " in all, got " + next.size());
    }
    LongStream.Builder ids = LongStream.builder();
    LongStream.Builder positions = LongStream.builder();
    LongStream.Builder layout = LongStream.builder();
    LongStream.Builder rows = LongStream.builder();
    int at = 0;
    int maxPosition = 0;
    for (int s = 0; s < lengths.length; s++) {
      int n = next.get(s).size();
      if (n == 0) {
        continue;
      }
      if (lengths[s] + n > maxLength) {
        throw new IllegalArgumentException(
            "sequence must fit into " + maxLength + " tokens, got " + (lengths[s] + n));
      }
      layout.add(at).add(n).add(s).add(lengths[s]);
      for (int i = 0; i < n; i++) {
        ids.add(next.get(s).get(i));
        positions.add(lengths[s] + i);
      }
      lengths[s] += n;
      at += n;
      rows.add(at - 1);
      maxPosition = Math.max(maxPosition, lengths[s] - 1);
    }
    if (at == 0) {
      return next.stream().map(none -> new float[0]).toList();
    }
    float[] logits =
        run(
            ids.build().toArray(),
            positions.build().toArray(),
            layout.build().toArray(),
            rows.build().toArray(),
            maxPosition);
    return split(next, logits);
  }

  private float[] run(long[] ids, long[] positions, long[] layout, long[] rows, int maxPosition) {
    try (GradMode off = GradMode.off();
        NDManager step = scope.newSubManager();
        NDManager cpu = step.newSubManager(Device.cpu())) {
      NDArray[] rotary = model.rotary(step, step.create(positions), maxPosition);
      NDArray runs = cpu.create(layout, new Shape(layout.length / 4, 4));
      NDArray x =
          model.program().call("embed").with(step.create(ids)).with(model.embedding()).single(step);
      for (Map<String, NDArray> weights : layers) {
        NDArray y =
            model
                .program()
                .call("layer")
                .with(x)
                .with(rotary[0])
                .with(rotary[1])
                .with(runs)
                .with(weights)
                .single(step);
        x.close();
        x = y;
      }
      NDArray hidden =
          model
              .program()
              .call("finish")
              .with(x)
              .with(step.create(rows))
              .with(model.finals())
              .single(step);
      return model
          .program()
          .call("logits")
          .with(hidden)
          .with(model.head())
          .single(step)
          .toFloatArray();
    }
  }

  private List<float[]> split(List<Tokens> next, float[] logits) {
    int vocab = model.spec().vocabSize();
    List<float[]> result = new ArrayList<>();
    int row = 0;
    for (Tokens tokens : next) {
      if (tokens.isEmpty()) {
        result.add(new float[0]);
      } else {
        float[] one = new float[vocab];
        System.arraycopy(logits, row * vocab, one, 0, vocab);
        result.add(one);
        row++;
      }
    }
    return result;
  }

  @Override
  public void close() {
    scope.close();
  }
}
