package io.dil.core.model.traced;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import io.dil.core.torch.GradMode;
import java.util.stream.IntStream;

/**
 * What a module must do to be a causal language model: give logits of the right shape at two
 * lengths, and give the tokens that both have in common the same ones. A trace that holds its
 * example's length, a model that looks ahead and one that draws at random all fail.
 */
final class TracedCheck {
  private static final int SHORT = 5;

  /** Longer than the example that a model is usually traced with. */
  private static final int LONG = 48;

  /** A share of the largest logit: rounding between lengths stays far below, a mistake above. */
  private static final double TOLERANCE = 1e-3;

  /** The same where logits are not fp32. */
  private static final double ROUGH = 5e-2;

  private final TracedLm model;
  private final int longest;

  TracedCheck(TracedLm model, JsonNode config) {
    this.model = model;
    int positions = config.path("n_positions").asInt(Integer.MAX_VALUE);
    positions = config.path("max_position_embeddings").asInt(positions);
    longest = Math.min(LONG, positions);
  }

  void run() {
    try (GradMode off = GradMode.off();
        NDManager scope = model.manager().newSubManager()) {
      NDArray few = logits(scope, Math.min(SHORT, longest));
      NDArray more;
      try {
        more = logits(scope, longest);
      } catch (InputException e) {
        throw new InputException(
            e.getMessage() + " (does the trace hold the length of its example?)", e);
      }
      double distance;
      try (NDArray found = model.program().call("distance").with(more).with(few).single(scope)) {
        distance = model.kernels().doubles(found)[0];
      }
      boolean exact = few.getDataType() == DataType.FLOAT32;
      if (!(distance <= (exact ? TOLERANCE : ROUGH))) {
        throw new InputException(
            model.file()
                + ": tokens must have the same logits whatever follows them, got a difference of "
                + distance
                + " of the largest; is it causal, in evaluation mode, and free of its example's"
                + " length?");
      }
    }
  }

  private NDArray logits(NDManager scope, int length) {
    int vocabSize = model.vocabSize();
    // Spread over the vocabulary, by a prime.
    Tokens tokens =
        Tokens.of(
            IntStream.range(0, length).map(i -> (int) (7919L * (i + 1) % vocabSize)).toArray());
    NDArray logits = model.logits(scope, tokens);
    Shape wanted = new Shape(1, length, vocabSize);
    if (!logits.getShape().equals(wanted)) {
      throw new InputException(
          model.file()
              + ": logits must have the shape "
              + wanted
              + " (1, tokens, vocab_size of config.json), got "
              + logits.getShape());
    }
    return logits;
  }
}
