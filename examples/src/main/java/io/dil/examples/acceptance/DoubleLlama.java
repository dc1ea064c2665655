package io.dil.examples.acceptance;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import java.util.List;
import java.util.Map;

/**
 * A Llama in fp64 and nothing but Java: what fp32 and bfloat16 on any device are held against.
 * Slow, and so for models of a few thousand weights a layer.
 *
 * @param weights by their names in the checkpoint, row by row
 * @param shape sizes and constants
 */
record DoubleLlama(Map<String, double[]> weights, Shape shape) {
  /**
   * What {@code config.json} says.
   *
   * @param hidden width
   * @param inner of the feed-forward network
   * @param layers how many
   * @param heads of queries
   * @param kvHeads of keys and values
   * @param vocabulary rows of the embedding
   * @param theta base of the rotary angles
   * @param epsilon of the norms
   */
  record Shape(
      int hidden,
      int inner,
      int layers,
      int heads,
      int kvHeads,
      int vocabulary,
      double theta,
      double epsilon) {
    int headDim() {
      return hidden / heads;
    }
  }

  /** Returns the log-probability of each response after its prompt. */
  double[] scores(List<TokenGroup> groups) {
    return groups.stream()
        .flatMap(group -> group.responses().stream().map(one -> score(group.prompt(), one)))
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private double score(Tokens prompt, Tokens response) {
    int[] ids = prompt.then(response).toArray();
    double[][] x = new double[ids.length][];
    for (int i = 0; i < ids.length; i++) {
      x[i] = row("model.embed_tokens.weight", ids[i]);
    }
    for (int layer = 0; layer < shape.layers(); layer++) {
      layer(x, "model.layers." + layer + ".");
    }
    double sum = 0;
    for (int i = prompt.size(); i < ids.length; i++) {
      double[] z = times("lm_head.weight", norm(x[i - 1], "model.norm.weight"), shape.vocabulary());
      double largest = Double.NEGATIVE_INFINITY;
      for (double one : z) {
        largest = Math.max(largest, one);
      }
      double total = 0;
      for (double one : z) {
        total += Math.exp(one - largest);
      }
      sum += z[ids[i]] - largest - Math.log(total);
    }
    return sum;
  }

  private void layer(double[][] x, String prefix) {
    int n = x.length;
    int width = shape.headDim();
    double[][] q = new double[n][];
    double[][] k = new double[n][];
    double[][] v = new double[n][];
    for (int i = 0; i < n; i++) {
      double[] h = norm(x[i], prefix + "input_layernorm.weight");
      q[i] = turned(times(prefix + "self_attn.q_proj.weight", h, shape.heads() * width), i);
      k[i] = turned(times(prefix + "self_attn.k_proj.weight", h, shape.kvHeads() * width), i);
      v[i] = times(prefix + "self_attn.v_proj.weight", h, shape.kvHeads() * width);
    }
    for (int i = 0; i < n; i++) {
      double[] seen = attention(q[i], k, v, i);
      add(x[i], times(prefix + "self_attn.o_proj.weight", seen, shape.hidden()));
      double[] h = norm(x[i], prefix + "post_attention_layernorm.weight");
      double[] gate = times(prefix + "mlp.gate_proj.weight", h, shape.inner());
      double[] up = times(prefix + "mlp.up_proj.weight", h, shape.inner());
      for (int j = 0; j < gate.length; j++) {
        gate[j] = gate[j] / (1 + Math.exp(-gate[j])) * up[j];
      }
      add(x[i], times(prefix + "mlp.down_proj.weight", gate, shape.hidden()));
    }
  }

  private double[] attention(double[] query, double[][] k, double[][] v, int position) {
    int width = shape.headDim();
    double[] out = new double[query.length];
    for (int head = 0; head < shape.heads(); head++) {
      int own = head * width;
      int shared = head / (shape.heads() / shape.kvHeads()) * width;
      double[] weight = new double[position + 1];
      double largest = Double.NEGATIVE_INFINITY;
      for (int j = 0; j <= position; j++) {
        for (int d = 0; d < width; d++) {
          weight[j] += query[own + d] * k[j][shared + d] / Math.sqrt(width);
        }
        largest = Math.max(largest, weight[j]);
      }
      double total = 0;
      for (int j = 0; j <= position; j++) {
        weight[j] = Math.exp(weight[j] - largest);
        total += weight[j];
      }
      for (int j = 0; j <= position; j++) {
        for (int d = 0; d < width; d++) {
          out[own + d] += weight[j] / total * v[j][shared + d];
        }
      }
    }
    return out;
  }

  private double[] turned(double[] x, int position) {
    int width = shape.headDim();
    int half = width / 2;
    double[] out = new double[x.length];
    for (int head = 0; head < x.length; head += width) {
      for (int d = 0; d < half; d++) {
        double angle = position * Math.pow(shape.theta(), -2.0 * d / width);
        double first = x[head + d];
        double second = x[head + half + d];
        out[head + d] = first * Math.cos(angle) - second * Math.sin(angle);
        out[head + half + d] = second * Math.cos(angle) + first * Math.sin(angle);
      }
    }
    return out;
  }

  private double[] norm(double[] x, String name) {
    double squares = 0;
    for (double one : x) {
      squares += one * one;
    }
    double scale = 1 / Math.sqrt(squares / x.length + shape.epsilon());
    double[] weight = named(name);
    double[] out = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      out[i] = x[i] * scale * weight[i];
    }
    return out;
  }

  private double[] times(String name, double[] x, int rows) {
    double[] weight = named(name);
    double[] out = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < x.length; j++) {
        out[i] += weight[i * x.length + j] * x[j];
      }
    }
    return out;
  }

  private double[] row(String name, int index) {
    double[] out = new double[shape.hidden()];
    System.arraycopy(named(name), index * shape.hidden(), out, 0, shape.hidden());
    return out;
  }

  private static void add(double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) {
      x[i] += y[i];
    }
  }

  private double[] named(String name) {
    double[] found = weights.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no weight " + name);
    }
    return found;
  }
}
