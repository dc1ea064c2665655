package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.Tokens;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The head of a reward model: r(x, y) = w · h, one number a sequence, where h (hidden) is the state
 * after the last norm of the sequence's pooled token and w is {@value #WEIGHT} (1, hidden). There
 * is no bias.
 *
 * <p>The pooled token is the last one that is not {@code padToken}, or the first where all are.
 * Where padding is the token that ends texts, that is the token before the end; tools that pad on
 * the right cannot tell the two apart, and so agree.
 *
 * <p>Source: transformers' {@code GenericForSequenceClassification} with {@code num_labels: 1}, as
 * TRL's {@code RewardTrainer} uses it.
 *
 * @param padToken the id of padding; {@link #NONE} where the model has none, and the last token is
 *     pooled
 */
public record RewardHead(int padToken) {
  /** The name of w in a checkpoint. */
  public static final String WEIGHT = "score.weight";

  /** In place of an id: the model has no padding. */
  public static final int NONE = -1;

  private static final String ARCHITECTURE = "ForSequenceClassification";

  /** What transformers takes where the configuration is silent. */
  private static final int DEFAULT_LABELS = 2;

  private static final double DEFAULT_RANGE = 0.02;

  /** Returns whether a {@code config.json} is that of a model with such a head. */
  public static boolean isOne(JsonNode config) {
    for (JsonNode name : config.path("architectures")) {
      if (name.asText().endsWith(ARCHITECTURE)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Reads the head of a reward model.
   *
   * @throws InputException if it has not one label, or what pads is no token
   */
  static RewardHead read(ModelConfig config) {
    JsonNode json = config.json();
    int labels =
        json.hasNonNull("num_labels")
            ? json.path("num_labels").asInt()
            : json.hasNonNull("id2label") ? json.path("id2label").size() : DEFAULT_LABELS;
    if (labels != 1) {
      throw new InputException(
          config.where()
              + ": a reward model must have num_labels 1 (one label in id2label), got "
              + labels);
    }
    return new RewardHead(padToken(config));
  }

  /** Returns the {@code pad_token_id} of a configuration; {@link #NONE} where there is none. */
  public static int padToken(ModelConfig config) {
    JsonNode node = config.json().path("pad_token_id");
    if (node.isMissingNode() || node.isNull()) {
      return NONE;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < NONE) {
      throw new InputException(
          config.where() + ": 'pad_token_id' must be the id of a token, got " + node);
    }
    return node.asInt();
  }

  /** Returns the place of the pooled token in prompt and response. */
  int pooled(Tokens prompt, Tokens response) {
    int last = prompt.size() + response.size() - 1;
    if (padToken == NONE) {
      return last;
    }
    for (int i = last; i > 0; i--) {
      int id = i < prompt.size() ? prompt.get(i) : response.get(i - prompt.size());
      if (id != padToken) {
        return i;
      }
    }
    return 0;
  }

  /** Returns the shape of w. */
  static List<Long> shape(int hidden) {
    return List.of(1L, (long) hidden);
  }

  /**
   * Draws w for a model that has none: normal with a deviation of {@code initializer_range} (0.02),
   * as transformers does.
   *
   * @param seed of the draws; equal seeds give equal heads
   */
  static float[] draw(ModelConfig config, int hidden, long seed) {
    double range = config.number("initializer_range", DEFAULT_RANGE, 0, ModelConfig.LARGEST);
    SplittableRandom random = new SplittableRandom(seed);
    float[] draws = new float[hidden];
    for (int i = 0; i < hidden; i++) {
      draws[i] = (float) (range * random.nextGaussian());
    }
    return draws;
  }
}
