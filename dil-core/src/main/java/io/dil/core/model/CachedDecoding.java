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
import java.util.Objects;
import java.util.stream.LongStream;

/** Decoding with one key and one value cache (sequences, length, kv heads, head dim) a layer. */
final class CachedDecoding implements DecodingSession {
  private final DecoderLm model;
  private final NDManager scope;
  // Each layer's cache, by the names that its program reads.
  private final List<Map<String, NDArray>> caches = new ArrayList<>();
  private final int[] lengths;
  // What each cache was computed from, for positions that turn otherwise in a longer sequence.
  private final List<Tokens> history = new ArrayList<>();
  private final int maxLength;
  // Whether a longer sequence gives earlier positions other angles.
  private final boolean lengthChangesAngles;
  // Empty until a step that they are worth it for, and where they are not used at all.
  private Map<String, NDArray> packedHead = Map.of();
  private boolean stepped;

  CachedDecoding(DecoderLm model, int sequences, int maxLength) {
    this.model = model;
    this.maxLength = maxLength;
    this.lengths = new int[sequences];
    scope = model.manager().newSubManager();
    for (int s = 0; s < sequences; s++) {
      history.add(Tokens.of());
    }
    ModelSpec spec = model.spec();
    lengthChangesAngles =
        spec.attention().stream().anyMatch(layer -> layer.rotary().beyond() != null);
    Shape shape = new Shape(sequences, maxLength, spec.kvHeads(), spec.headDim());
    for (int i = 0; i < spec.layers(); i++) {
      Map<String, NDArray> cache = new LinkedHashMap<>();
      cache.put("cache.key", cache(shape));
      cache.put("cache.value", cache(shape));
      caches.add(cache);
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
    LongStream.Builder sequenceLengths = LongStream.builder();
    for (int s = 0; s < lengths.length; s++) {
      if (next.get(s).isEmpty()) {
        continue;
      }
      Tokens tokens = fed(s, next.get(s));
      int n = tokens.size();
      layout.add(at).add(n).add(s).add(lengths[s]);
      for (int i = 0; i < n; i++) {
        ids.add(tokens.get(i));
        positions.add(lengths[s] + i);
        sequenceLengths.add(lengths[s] + n);
      }
      lengths[s] += n;
      at += n;
      rows.add(at - 1);
    }
    if (at == 0) {
      return next.stream().map(none -> new float[0]).toList();
    }
    if (at == rowsOf(next) && !stepped) {
      // From here on there are few rows a product. Text that is only read gains nothing by it.
      stepped = true;
      packedHead = PackedWeights.add(model, scope, caches);
    }
    float[] logits =
        run(
            ids.build().toArray(),
            positions.build().toArray(),
            layout.build().toArray(),
            rows.build().toArray(),
            sequenceLengths.build().toArray());
    return split(next, logits);
  }

  /** Returns what a sequence's cache lacks: the new tokens, or all where it is of no more use. */
  private Tokens fed(int s, Tokens next) {
    int length = lengths[s] + next.size();
    if (length > maxLength) {
      throw new IllegalArgumentException(
          "sequence must fit into " + maxLength + " tokens, got " + length);
    }
    if (!lengthChangesAngles) {
      return next;
    }
    history.set(s, history.get(s).then(next));
    if (model.spec().restarts(lengths[s], length)) {
      lengths[s] = 0;
      return history.get(s);
    }
    return next;
  }

  /** Returns how many sequences go on. */
  private static int rowsOf(List<Tokens> next) {
    return (int) next.stream().filter(tokens -> !tokens.isEmpty()).count();
  }

  private float[] run(
      long[] ids, long[] positions, long[] layout, long[] rows, long[] sequenceLengths) {
    try (GradMode off = GradMode.off();
        NDManager step = scope.newSubManager();
        NDManager cpu = step.newSubManager(Device.cpu())) {
      List<NDArray[]> rotary = model.rotary().rows(step, positions, sequenceLengths);
      NDArray runs = cpu.create(layout, new Shape(layout.length / 4, 4));
      NDArray x;
      try (WholeWeights table = model.parts().embedding()) {
        x = model.program().call("embed").with(step.create(ids)).with(table.single()).single(step);
      }
      for (int i = 0; i < caches.size(); i++) {
        NDArray y;
        try (WholeWeights whole = model.parts().layer(i, List.of())) {
          Map<String, NDArray> weights = new LinkedHashMap<>(whole.arrays());
          weights.putAll(caches.get(i));
          y =
              model
                  .program()
                  .call("layer")
                  .with(x)
                  .with(rotary.get(i)[0])
                  .with(rotary.get(i)[1])
                  .with(runs)
                  .with(weights)
                  .single(step);
        }
        x.close();
        x = y;
      }
      NDArray hidden =
          model
              .program()
              .call("finish")
              .with(x)
              .with(step.create(rows))
              .with(model.parts().finals())
              .single(step);
      try (WholeWeights table = model.parts().head()) {
        Map<String, NDArray> head = new LinkedHashMap<>(packedHead);
        head.put(PackedWeights.HEAD + ".weight", table.single());
        return model
            .kernels()
            .floats(model.program().call("next_logits").with(hidden).with(head).single(step));
      }
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

  /** Returns what a layer's cache holds, (sequences, length, kv heads, head dim). */
  NDArray cached(int layer, String name) {
    return Objects.requireNonNull(caches.get(layer).get(name));
  }

  @Override
  public void restart(int sequence) {
    lengths[sequence] = 0;
    history.set(sequence, Tokens.of());
  }

  @Override
  public boolean restart(int sequence, int from, int length) {
    if (length > lengths[from]) {
      throw new IllegalArgumentException(
          "length must be at most the other's " + lengths[from] + " tokens, got " + length);
    }
    // The other may have been computed again with the angles of a longer sequence.
    if (lengthChangesAngles) {
      restart(sequence);
      return false;
    }
    if (sequence != from) {
      try (GradMode off = GradMode.off();
          NDManager step = scope.newSubManager();
          NDManager cpu = step.newSubManager(Device.cpu())) {
        NDArray places = cpu.create(new long[] {sequence, from, length});
        for (Map<String, NDArray> cache : caches) {
          model.program().call("copy_cached").with(places).with(cache).single(step);
        }
      }
    }
    lengths[sequence] = length;
    return true;
  }

  @Override
  public void close() {
    scope.close();
  }
}
