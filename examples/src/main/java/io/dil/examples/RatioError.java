package io.dil.examples;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.losses.Losses;
import io.dil.losses.PairLogProbs;
import io.dil.losses.PairwiseLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * How well each DIL loss estimates a density ratio that is known.
 *
 * <p>The reference is N(0, 1) and the chosen distribution N(d, 1), so log π_chosen/π_ref = d x −
 * d²/2. The model is θ₀ + θ₁ x, which holds the truth. Each loss is fitted to n samples of both,
 * and the error is the root mean square of the log-ratio's, in nats, over an even mixture of the
 * two distributions. Besides, the noise of one pair's gradient at the truth is computed by
 * quadrature: C is its covariance, H the curvature of the expected loss, and √tr(M H⁻¹ C H⁻¹) the
 * step in nats that the noise alone makes of a Newton step (M is the mixture's second moments of
 * (1, x)).
 */
public final class RatioError {
  /** Losses in the order of the legend. */
  private static final Map<String, PairwiseLoss> LOSSES = losses();

  private static final int SEEDS = 20;
  private static final int STEPS = 500;
  private static final double RATE = 0.06;
  private static final int[] SIZES = {16, 32, 64, 128, 256, 512};
  private static final double[] DISTANCES = {0.25, 0.5, 1, 1.5, 2, 2.5};
  private static final int FIXED_SIZE = 256;
  private static final double FIXED_DISTANCE = 1;

  private RatioError() {}

  /** Writes the numbers and what is drawn of them to the path given. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments.length > 0 ? arguments[0] : "docs/losses/ratio-error.json");
    ObjectMapper json = new ObjectMapper();
    Files.writeString(
        file, json.writerWithDefaultPrettyPrinter().writeValueAsString(results(json)) + "\n");
  }

  private static Map<String, PairwiseLoss> losses() {
    Map<String, PairwiseLoss> losses = new LinkedHashMap<>();
    losses.put("LSIF", loss("dil-lsif", Map.of()));
    losses.put("power, a = 0.5", loss("dil-power", Map.of("power", 0.5)));
    losses.put("UKL", loss("dil-ukl", Map.of()));
    losses.put("BCE", loss("dil-bce", Map.of()));
    losses.put("RuLSIF, α = 0.1", loss("dil-rulsif", Map.of("alpha", 0.1)));
    losses.put("RuLSIF, α = 0.5", loss("dil-rulsif", Map.of("alpha", 0.5)));
    return losses;
  }

  private static PairwiseLoss loss(String name, Map<String, ?> parameters) {
    return (PairwiseLoss) Losses.create(name, parameters);
  }

  private static ObjectNode results(ObjectMapper json) {
    ObjectNode root = json.createObjectNode();
    root.put("seeds", SEEDS).put("steps", STEPS);
    ObjectNode figure = root.putArray("plots").addObject();
    figure.put("file", "ratio-error");
    ArrayNode panels = figure.putArray("panels");
    ArrayNode bySize =
        panel(panels, "error, distance 1", "pairs", "median error of the log-ratio, nats");
    ArrayNode byDistance =
        panel(panels, "error, 256 pairs", "distance d", "median error of the log-ratio, nats");
    ArrayNode noise =
        panel(panels, "noise of one pair's gradient", "distance d", "Newton step of noise, nats");
    LOSSES.forEach(
        (name, loss) -> {
          ObjectNode size = series(bySize, name);
          for (int n : SIZES) {
            point(size, n, median(errors(loss, n, FIXED_DISTANCE)));
          }
          ObjectNode distance = series(byDistance, name);
          ObjectNode gradient = series(noise, name);
          for (double d : DISTANCES) {
            point(distance, d, median(errors(loss, FIXED_SIZE, d)));
            point(gradient, d, noise(loss, d));
          }
        });
    return root;
  }

  private static ArrayNode panel(ArrayNode panels, String title, String x, String y) {
    ObjectNode panel = panels.addObject();
    panel.put("title", title).put("x", x).put("y", y).put("log", true);
    return panel.putArray("series");
  }

  private static ObjectNode series(ArrayNode all, String name) {
    ObjectNode series = all.addObject().put("label", name);
    series.putArray("x");
    series.putArray("y");
    return series;
  }

  private static void point(ObjectNode series, double x, double y) {
    series.withArray("/x").add(x);
    series.withArray("/y").add(Math.round(y * 1e4) / 1e4);
  }

  /**
   * Returns the error of the fitted log-ratio for each seed, in nats.
   *
   * @param n samples of each distribution
   * @param d the distance of the means
   */
  static double[] errors(PairwiseLoss loss, int n, double d) {
    double[] chosen = new double[SEEDS * n];
    double[] reference = new double[SEEDS * n];
    for (int seed = 0; seed < SEEDS; seed++) {
      // The same draws for every loss, and for every distance.
      Random random = new Random(seed);
      for (int i = 0; i < n; i++) {
        chosen[seed * n + i] = d + random.nextGaussian();
        reference[seed * n + i] = random.nextGaussian();
      }
    }
    double[][] theta = fit(loss, chosen, reference, n);
    double[] errors = new double[SEEDS];
    for (int seed = 0; seed < SEEDS; seed++) {
      errors[seed] = error(theta[0][seed] + d * d / 2, theta[1][seed] - d, d);
    }
    return errors;
  }

  /** Returns √E (a + b x)² over the even mixture of N(0, 1) and N(d, 1). */
  private static double error(double a, double b, double d) {
    return Math.sqrt(a * a + a * b * d + b * b * (1 + d * d / 2));
  }

  /** Fits every seed's θ₀ and θ₁ at once, by Adam with a rate that falls to zero. */
  private static double[][] fit(PairwiseLoss loss, double[] chosen, double[] reference, int n) {
    double[][] theta = new double[2][SEEDS];
    double[][] first = new double[2][SEEDS];
    double[][] second = new double[2][SEEDS];
    for (int step = 1; step <= STEPS; step++) {
      double[][] gradient = gradient(loss, theta, chosen, reference, n);
      double rate = RATE * (1 - (step - 1.0) / STEPS);
      for (int k = 0; k < 2; k++) {
        for (int seed = 0; seed < SEEDS; seed++) {
          double g = gradient[k][seed];
          first[k][seed] = 0.9 * first[k][seed] + 0.1 * g;
          second[k][seed] = 0.999 * second[k][seed] + 0.001 * g * g;
          double mean = first[k][seed] / (1 - Math.pow(0.9, step));
          double square = second[k][seed] / (1 - Math.pow(0.999, step));
          theta[k][seed] -= rate * mean / (Math.sqrt(square) + 1e-12);
        }
      }
    }
    return theta;
  }

  private static double[][] gradient(
      PairwiseLoss loss, double[][] theta, double[] chosen, double[] reference, int n) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray offset = manager.create(theta[0]);
      NDArray slope = manager.create(theta[1]);
      offset.setRequiresGradient(true);
      slope.setRequiresGradient(true);
      NDArray all = NDArrays.concat(new NDList(offset, slope)).reshape(2, SEEDS, 1);
      NDArray w = manager.create(chosen).reshape(SEEDS, n).mul(all.get(1)).add(all.get(0));
      NDArray l = manager.create(reference).reshape(SEEDS, n).mul(all.get(1)).add(all.get(0));
      NDArray zeros = manager.zeros(w.flatten().getShape(), w.getDataType());
      NDArray ones = zeros.add(1);
      NDArray losses =
          loss.compute(
                  new PairLogProbs(w.flatten(), l.flatten(), ones, ones),
                  new PairLogProbs(zeros, zeros, ones, ones))
              .perExample();
      collector.backward(losses.sum().div(n));
      return new double[][] {
        offset.getGradient().toDoubleArray(), slope.getGradient().toDoubleArray()
      };
    }
  }

  /** Returns the noise that the class describes, by quadrature on a grid of x. */
  static double noise(PairwiseLoss loss, double d) {
    int points = 6001;
    double low = -14 - d;
    double width = (28 + 8 * d) / (points - 1);
    double[] x = new double[points];
    double[] truth = new double[points];
    for (int i = 0; i < points; i++) {
      x[i] = low + i * width;
      truth[i] = d * x[i] - d * d / 2;
    }
    double nudge = 1e-4;
    double[][] at = derivatives(loss, truth);
    double[][] above = derivatives(loss, Arrays.stream(truth).map(r -> r + nudge).toArray());
    double[][] below = derivatives(loss, Arrays.stream(truth).map(r -> r - nudge).toArray());
    double[][] hessian = new double[2][2];
    double[][] covariance = new double[2][2];
    for (int side = 0; side < 2; side++) {
      double[] mean = new double[2];
      double[][] square = new double[2][2];
      for (int i = 0; i < points; i++) {
        double z = x[i] - (side == 0 ? d : 0);
        double weight = width * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        double curvature = (above[side][i] - below[side][i]) / (2 * nudge);
        double[] features = {1, x[i]};
        for (int j = 0; j < 2; j++) {
          mean[j] += weight * at[side][i] * features[j];
          for (int k = 0; k < 2; k++) {
            double product = weight * features[j] * features[k];
            square[j][k] += product * at[side][i] * at[side][i];
            hessian[j][k] += product * curvature;
          }
        }
      }
      for (int j = 0; j < 2; j++) {
        for (int k = 0; k < 2; k++) {
          covariance[j][k] += square[j][k] - mean[j] * mean[k];
        }
      }
    }
    double[][] inverse = inverse(hessian);
    double[][] moments = {{1, d / 2}, {d / 2, 1 + d * d / 2}};
    double[][] spread = times(times(inverse, covariance), inverse);
    double[][] inNats = times(moments, spread);
    return Math.sqrt(inNats[0][0] + inNats[1][1]);
  }

  /** Returns ∂/∂r_w and ∂/∂r_l at every log-ratio; the two sides of a DIL loss are separate. */
  private static double[][] derivatives(PairwiseLoss loss, double[] logRatios) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray w = manager.create(logRatios);
      NDArray l = manager.create(logRatios);
      w.setRequiresGradient(true);
      l.setRequiresGradient(true);
      NDArray zeros = manager.zeros(w.getShape(), w.getDataType());
      NDArray ones = zeros.add(1);
      collector.backward(
          loss.compute(
                  new PairLogProbs(w, l, ones, ones), new PairLogProbs(zeros, zeros, ones, ones))
              .perExample()
              .sum());
      return new double[][] {w.getGradient().toDoubleArray(), l.getGradient().toDoubleArray()};
    }
  }

  private static double[][] inverse(double[][] m) {
    double determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    return new double[][] {
      {m[1][1] / determinant, -m[0][1] / determinant},
      {-m[1][0] / determinant, m[0][0] / determinant}
    };
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] product = new double[2][2];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        product[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j];
      }
    }
    return product;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
