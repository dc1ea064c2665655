package io.dil.examples.reproduction;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.dil.losses.DemonstrationLoss;
import io.dil.losses.PairLogProbs;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.PointwiseLoss;
import io.dil.losses.PreferenceLoss;
import io.dil.losses.ResponseLogProbs;
import java.util.Arrays;
import java.util.List;

/**
 * A loss of the library over many small policies at once, with its gradient.
 *
 * <p>The library computes what one pair costs and how that changes with its two log-probabilities;
 * weights and sums are added up here, in a fixed order, so that the numbers do not depend on how
 * many policies are computed together.
 */
final class TabularLoss {
  /** Pairs per call of the engine: few enough that it does not divide them among threads. */
  private static final int BLOCK = 16384;

  private final PreferenceLoss loss;
  private final double[] logReference;
  private final double tokens;

  /**
   * @param loss any loss of the library but one of reward models
   * @param world whose reference the losses see
   * @param tokens tokens per answer
   */
  TabularLoss(PreferenceLoss loss, ExactWorld world, int tokens) {
    this.loss = loss;
    this.logReference = world.logReference();
    this.tokens = tokens;
  }

  /**
   * What a loss says of one policy.
   *
   * @param byPrompt each prompt's part of the loss
   * @param gradient ∂ loss / ∂ log π(y|x), one number per prompt and answer
   */
  record Value(double[] byPrompt, double[] gradient) {
    double total() {
      return Arrays.stream(byPrompt).sum();
    }
  }

  /** Returns whether the loss has an anchor that {@link #anchor} computes. */
  boolean anchored() {
    return loss instanceof PointwiseLoss pointwise && pointwise.needsKl();
  }

  /**
   * Returns KTO's estimate of KL(π ‖ π_0): the expectation of log π/π_0 of each prompt over the
   * answers, chosen and rejected, that the data has for the next prompt.
   */
  double anchor(PairCells data, double[] logPolicy) {
    double sum = 0;
    for (int i = 0; i < data.size(); i++) {
      int from = (data.prompt()[i] + 1) % ExactWorld.PROMPTS * ExactWorld.ANSWERS;
      int w = from + data.chosen()[i];
      int l = from + data.rejected()[i];
      sum +=
          data.weight()[i] * (logPolicy[w] - logReference[w] + logPolicy[l] - logReference[l]) / 2;
    }
    return sum;
  }

  /**
   * Computes loss and gradient of several policies.
   *
   * @param data the pairs of each policy
   * @param logPolicies log-probabilities, which need not be normalised
   * @param anchors each policy's KL; read only if {@link #anchored}
   */
  Value[] evaluate(List<PairCells> data, double[][] logPolicies, double[] anchors) {
    int total = data.stream().mapToInt(PairCells::size).sum();
    double[][] columns = new double[5][total];
    int at = 0;
    for (int f = 0; f < logPolicies.length; f++) {
      PairCells cells = data.get(f);
      for (int i = 0; i < cells.size(); i++, at++) {
        int from = cells.prompt()[i] * ExactWorld.ANSWERS;
        int w = from + cells.chosen()[i];
        int l = from + cells.rejected()[i];
        columns[0][at] = logPolicies[f][w];
        columns[1][at] = logPolicies[f][l];
        columns[2][at] = logReference[w];
        columns[3][at] = logReference[l];
        columns[4][at] = anchors[f];
      }
    }
    double[][] results = new double[3][total];
    for (int begin = 0; begin < total; begin += BLOCK) {
      int end = Math.min(total, begin + BLOCK);
      int from = begin;
      double[][] block =
          Arrays.stream(columns)
              .map(column -> Arrays.copyOfRange(column, from, end))
              .toArray(double[][]::new);
      double[][] computed = compute(block);
      for (int k = 0; k < 3; k++) {
        System.arraycopy(computed[k], 0, results[k], begin, end - begin);
      }
    }
    Value[] values = new Value[logPolicies.length];
    at = 0;
    for (int f = 0; f < values.length; f++) {
      PairCells cells = data.get(f);
      Value value = new Value(new double[ExactWorld.PROMPTS], new double[ExactWorld.SIZE]);
      for (int i = 0; i < cells.size(); i++, at++) {
        double weight = cells.weight()[i];
        int from = cells.prompt()[i] * ExactWorld.ANSWERS;
        value.byPrompt[cells.prompt()[i]] += weight * results[0][at];
        value.gradient[from + cells.chosen()[i]] += weight * results[1][at];
        value.gradient[from + cells.rejected()[i]] += weight * results[2][at];
      }
      values[f] = value;
    }
    return values;
  }

  /** Returns loss, ∂/∂ chosen and ∂/∂ rejected of every pair of a block. */
  private double[][] compute(double[][] block) {
    int n = block[0].length;
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray w = manager.create(block[0]);
      NDArray l = manager.create(block[1]);
      NDArray refW = manager.create(block[2]);
      NDArray refL = manager.create(block[3]);
      w.setRequiresGradient(true);
      l.setRequiresGradient(true);
      NDArray count = w.zerosLike().add(tokens).stopGradient();
      NDArray losses;
      if (loss instanceof PairwiseLoss pairwise) {
        losses =
            pairwise
                .compute(
                    new PairLogProbs(w, l, count, count),
                    new PairLogProbs(refW, refL, count, count))
                .perExample();
      } else if (loss instanceof PointwiseLoss pointwise) {
        // A pair is two rows; the loss of a pair is their mean.
        NDArray counts = both(count, count);
        NDArray desirable = both(w.onesLike(), w.zerosLike()).stopGradient();
        NDArray anchor = manager.create(block[4]);
        NDArray rows =
            pointwise
                .compute(
                    new ResponseLogProbs(both(w, l), counts),
                    new ResponseLogProbs(both(refW, refL), counts),
                    desirable,
                    both(anchor, anchor))
                .perExample();
        losses = rows.get("0:" + n).add(rows.get(n + ":")).div(2);
      } else if (loss instanceof DemonstrationLoss demonstration) {
        losses = demonstration.compute(new ResponseLogProbs(w, count)).perExample();
      } else {
        throw new IllegalStateException("loss must be of pairs, responses or demonstrations");
      }
      collector.backward(losses.sum());
      boolean alone = loss instanceof DemonstrationLoss;
      return new double[][] {
        losses.toDoubleArray(),
        w.getGradient().toDoubleArray(),
        alone ? new double[n] : l.getGradient().toDoubleArray()
      };
    }
  }

  private static NDArray both(NDArray first, NDArray second) {
    return NDArrays.concat(new NDList(first, second));
  }
}
