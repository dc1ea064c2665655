package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/*
 * How a rotary embedding is stretched over more positions than it was trained on: one method a
 * `rope_type`. The formulas and defaults are those of transformers' modeling_rope_utils, computed in
 * fp32 where it does: a last bit of a frequency is a turn at position 500.
 */
final class RotaryScaling {
  private static final Map<String, Function<Input, RotarySpec>> TYPES =
      new TreeMap<>(
          Map.of(
              "default", RotaryScaling::plain,
              "linear", RotaryScaling::linear,
              "dynamic", RotaryScaling::dynamic,
              "yarn", RotaryScaling::yarn,
              "llama3", RotaryScaling::llama3,
              "longrope", RotaryScaling::longrope));

  private RotaryScaling() {}

  /** What a type computes from. */
  record Input(ModelConfig config, ModelConfig parameters, float theta, int dimensions) {
    int pairs() {
      return dimensions / 2;
    }

    /** Returns θ^(2i/d), the inverse of pair i's frequency. */
    float period(int pair) {
      return (float) Math.pow(theta, 2f * pair / dimensions);
    }

    float[] unscaled() {
      float[] frequencies = new float[pairs()];
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] = 1 / period(i);
      }
      return frequencies;
    }

    double positive(String key) {
      return checked(parameters, key, parameters.number(key, Double.NaN));
    }

    double positive(String key, double otherwise) {
      return checked(parameters, key, parameters.number(key, otherwise));
    }

    int maxPositions() {
      return config.size("max_position_embeddings");
    }

    /** The length that the model was trained on; a value outside `rope_parameters` wins. */
    double originalContext() {
      String key = "original_max_position_embeddings";
      return config.json().hasNonNull(key)
          ? config.size(key)
          : parameters.json().hasNonNull(key) ? positive(key) : maxPositions();
    }

    private static double checked(ModelConfig where, String key, double value) {
      if (!(value > 0 && value <= ModelConfig.LARGEST)) {
        throw new InputException(
            where.where() + ": '" + key + "' must be a positive number, got " + value);
      }
      return value;
    }
  }

  /** Returns the embedding of the type that {@code key} names. */
  static RotarySpec read(Input in, String key) {
    String type = in.parameters().choice(key, "default", TYPES.keySet());
    return TYPES.getOrDefault(type, RotaryScaling::plain).apply(in);
  }

  private static RotarySpec plain(Input in) {
    return RotarySpec.fixed(in.unscaled(), 1);
  }

  /* Positions divided by `factor` (Chen et al. 2023). */
  private static RotarySpec linear(Input in) {
    float[] frequencies = in.unscaled();
    float factor = (float) in.positive("factor");
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= factor;
    }
    return RotarySpec.fixed(frequencies, 1);
  }

  /*
   * NTK-aware: a sequence of n > L tokens takes the base θ · (factor·n/L − (factor − 1))^(d/(d−2)),
   * where L is `max_position_embeddings`.
   */
  private static RotarySpec dynamic(Input in) {
    float factor = (float) in.positive("factor");
    int context = in.maxPositions();
    int d = in.dimensions();
    if (d == 2) {
      throw new InputException(
          in.parameters().where() + ": 'dynamic' needs more than 2 rotary dimensions, got 2");
    }
    return new RotarySpec(
        in.unscaled(),
        1,
        new RotarySpec.Beyond(
            context,
            length -> {
              float stretch = factor * length / context - (factor - 1);
              float base = in.theta() * (float) Math.pow(stretch, (float) d / (d - 2));
              return new Input(in.config(), in.parameters(), base, d).unscaled();
            },
            false));
  }

  /*
   * YaRN (Peng et al. 2023): pairs that turn more than `beta_fast` times in the original context keep
   * their frequency, those that turn less than `beta_slow` times are slowed by `factor`, and between
   * them a linear ramp over the pair's index blends the two.
   */
  private static RotarySpec yarn(Input in) {
    double context = in.originalContext();
    double factor =
        in.parameters().json().hasNonNull("factor")
            ? in.positive("factor")
            : in.maxPositions() / context;
    double low = turningPair(in, in.positive("beta_fast", 32), context);
    double high = turningPair(in, in.positive("beta_slow", 1), context);
    if (in.parameters().flag("truncate", true)) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, in.dimensions() - 1);
    if (low == high) {
      high += 0.001;
    }
    float[] frequencies = new float[in.pairs()];
    for (int i = 0; i < frequencies.length; i++) {
      float ramp = Math.min(Math.max((i - (float) low) / (float) (high - low), 0), 1);
      float kept = 1 - ramp;
      float slowed = 1 / ((float) factor * in.period(i));
      frequencies[i] = slowed * (1 - kept) + 1 / in.period(i) * kept;
    }
    return RotarySpec.fixed(frequencies, yarnScale(in, factor));
  }

  /** Returns the index, as a real number, of the pair that turns that often in the context. */
  private static double turningPair(Input in, double turns, double context) {
    return in.dimensions() * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(in.theta()));
  }

  private static double yarnScale(Input in, double factor) {
    if (in.parameters().json().hasNonNull("attention_factor")) {
      return in.positive("attention_factor");
    }
    double mscale = in.parameters().number("mscale", 0);
    double mscaleAllDim = in.parameters().number("mscale_all_dim", 0);
    return mscale != 0 && mscaleAllDim != 0
        ? sharpness(factor, mscale) / sharpness(factor, mscaleAllDim)
        : sharpness(factor, 1);
  }

  private static double sharpness(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  }

  /*
   * Llama 3.1: wavelengths longer than the original context are slowed by `factor`, short ones are kept,
   * and those between are blended linearly in original_context / wavelength.
   */
  private static RotarySpec llama3(Input in) {
    double factor = in.positive("factor");
    double low = in.positive("low_freq_factor");
    double high = in.positive("high_freq_factor");
    double context = in.originalContext();
    if (high <= low) {
      throw new InputException(
          in.parameters().where()
              + ": 'high_freq_factor' must exceed 'low_freq_factor', got "
              + high);
    }
    float[] frequencies = in.unscaled();
    for (int i = 0; i < frequencies.length; i++) {
      double frequency = frequencies[i];
      double turns = context * frequency / (2 * Math.PI);
      if (turns < low) {
        frequencies[i] = (float) (frequency / factor);
      } else if (turns <= high) {
        double smooth = (turns - low) / (high - low);
        frequencies[i] = (float) ((1 - smooth) * frequency / factor + smooth * frequency);
      }
    }
    return RotarySpec.fixed(frequencies, 1);
  }

  /*
   * LongRoPE (Ding et al. 2024): each pair has a divisor of its own, one for sequences within the
   * original context and one for longer ones.
   */
  private static RotarySpec longrope(Input in) {
    int context = (int) in.originalContext();
    double factor =
        in.parameters().json().hasNonNull("factor")
            ? in.positive("factor")
            : (double) in.maxPositions() / context;
    double scale =
        in.parameters().json().hasNonNull("attention_factor")
            ? in.positive("attention_factor")
            : factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(context));
    float[] brief = divided(in, "short_factor");
    float[] extended = divided(in, "long_factor");
    return new RotarySpec(
        brief, (float) scale, new RotarySpec.Beyond(context, length -> extended, true));
  }

  private static float[] divided(Input in, String key) {
    JsonNode factors = in.parameters().json().path(key);
    if (!factors.isArray() || factors.size() != in.pairs()) {
      throw new InputException(
          in.parameters().where()
              + ": '"
              + key
              + "' must be a list of "
              + in.pairs()
              + " numbers, one a pair of rotated dimensions, got "
              + (factors.isArray() ? factors.size() : "none"));
    }
    float[] frequencies = new float[in.pairs()];
    for (int i = 0; i < frequencies.length; i++) {
      double divisor = Input.checked(in.parameters(), key, factors.path(i).asDouble(Double.NaN));
      frequencies[i] = 1 / ((float) divisor * in.period(i));
    }
    return frequencies;
  }
}
