package io.dil.core.model.traced;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.Tokens;
import io.dil.core.model.DecodingSession;
import io.dil.core.torch.GradMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Decoding without a cache: a sequence is computed from its start for every token. */
final class TracedDecoding implements DecodingSession {
  private final TracedLm model;
  private final int maxLength;
  private final List<Tokens> history;

  TracedDecoding(TracedLm model, int sequences, int maxLength) {
    this.model = model;
    this.maxLength = maxLength;
    history = new ArrayList<>(Collections.nCopies(sequences, Tokens.of()));
  }

  @Override
  public List<float[]> extend(List<Tokens> next) {
    if (next.size() != history.size()) {
      throw new IllegalArgumentException(
          "next must have one entry a sequence, " + history.size() + " in all, got " + next.size());
    }
    List<float[]> result = new ArrayList<>();
    for (int s = 0; s < history.size(); s++) {
      if (next.get(s).isEmpty()) {
        result.add(new float[0]);
        continue;
      }
      Tokens tokens = history.get(s).then(next.get(s));
      if (tokens.size() > maxLength) {
        throw new IllegalArgumentException(
            "sequence must fit into " + maxLength + " tokens, got " + tokens.size());
      }
      history.set(s, tokens);
      result.add(last(tokens));
    }
    return result;
  }

  private float[] last(Tokens tokens) {
    try (GradMode off = GradMode.off();
        NDManager step = model.manager().newSubManager()) {
      NDArray logits = model.logits(step, tokens);
      return model.kernels().floats(model.program().call("last").with(logits).single(step));
    }
  }

  @Override
  public void restart(int sequence) {
    history.set(sequence, Tokens.of());
  }

  @Override
  public boolean restart(int sequence, int from, int length) {
    restart(sequence);
    return false;
  }

  @Override
  public void close() {
    history.clear();
  }
}
