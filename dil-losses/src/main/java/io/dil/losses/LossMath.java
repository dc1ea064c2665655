package io.dil.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The few functions that losses are written in, each accurate in value <em>and</em> gradient over
 * the whole range, and the checks that they share.
 *
 * <p>No branch selects between two expressions: automatic differentiation multiplies the gradient
 * of the branch not taken by 0, and 0 · ∞ is not a number.
 */
final class LossMath {
  /** Lower end of a clip that is meant to have none; exp of it is 0 and every type holds it. */
  static final double LOWEST = -1e30;

  private LossMath() {}

  /**
   * Returns log σ(x), shape of x.
   *
   * <p>Written min(x, 0) − log(1 + e^{−|x|}), with the sign of x as a constant, so that the
   * gradient is σ(−x) to the last digit on both sides and ½ at x = 0, where every run begins. The
   * shorter −softplus(−x) is not enough: torch's softplus becomes the identity above 20, which
   * costs 2·10⁻⁹ of the gradient. Nor is ½(x − |x|) for the minimum: its gradient is a difference
   * of halves.
   */
  static NDArray logSigmoid(NDArray x) {
    NDArray negative = x.lt(0).toType(x.getDataType(), false);
    NDArray minusMagnitude = x.mul(negative.mul(2).sub(1));
    return x.mul(negative).sub(Activation.softPlus(minusMagnitude));
  }

  /**
   * Returns −(1 − ε) log σ(x) − ε log σ(−x), the cross-entropy of a label that is wrong with chance
   * ε.
   */
  static NDArray smoothedLogistic(NDArray x, double smoothing) {
    if (smoothing == 0) {
      return logSigmoid(x).neg();
    }
    return logSigmoid(x).mul(smoothing - 1).sub(logSigmoid(x.neg()).mul(smoothing));
  }

  /**
   * Returns σ(x), shape of x.
   *
   * <p>As exp(log σ(x)), because the engine's own sigmoid differentiates to σ(1 − σ), which loses
   * all digits where σ is close to 1.
   */
  static NDArray sigmoid(NDArray x) {
    return logSigmoid(x).exp();
  }

  /**
   * Returns log(1 − e^s) for s &lt; 0, shape of s.
   *
   * <p>1 − e^s = tanh(−s/2) (1 + e^s), in which nothing cancels as s approaches 0.
   */
  static NDArray log1mExp(NDArray s) {
    return s.mul(-0.5).tanh().log().add(Activation.softPlus(s));
  }

  /**
   * Returns exp(scale · r), continued beyond {@code bound} by its tangent, shape of r.
   *
   * <p>With a bound b, exp(scale · r) becomes e^{scale·b}(1 + scale·(r − b)) for r &gt; b: still
   * rising and with a continuous gradient, but finite for every r.
   *
   * @param scale a positive factor
   * @param bound largest r that is exponentiated; empty for none
   */
  static NDArray exp(NDArray r, double scale, OptionalDouble bound) {
    if (bound.isEmpty()) {
      return r.mul(scale).exp();
    }
    NDArray excess = Activation.relu(r.sub(bound.getAsDouble())).mul(scale);
    NDArray capped = r.clip(LOWEST, bound.getAsDouble());
    return capped.mul(scale).exp().mul(excess.add(1));
  }

  /**
   * Returns exp(scale · r) − 1, continued as {@link #exp} is, shape of r.
   *
   * <p>e^x − 1 = tanh(x/2) (e^x + 1), in which nothing cancels as x approaches 0.
   */
  static NDArray expm1(NDArray r, double scale, OptionalDouble bound) {
    if (bound.isEmpty()) {
      return r.mul(scale / 2).tanh().mul(r.mul(scale).exp().add(1));
    }
    double top = bound.getAsDouble();
    NDArray excess = Activation.relu(r.sub(top)).mul(scale * Math.exp(scale * top));
    return expm1(r.clip(LOWEST, top), scale, OptionalDouble.empty()).add(excess);
  }

  /**
   * Returns (e^{−power·l} − e^{−power·w}) / power, shape of w: the difference of two power
   * functions of a probability or a ratio, for a loss that falls to 0 as it grows.
   *
   * @param w log-ratios or log-probabilities of chosen responses, shape (B)
   * @param l the same of rejected responses
   * @param power not 0
   * @param bound largest −w or −l that is exponentiated; empty for none
   */
  static NDArray powerDifference(NDArray w, NDArray l, double power, OptionalDouble bound) {
    NDArray chosenTerm;
    NDArray rejectedTerm;
    if (bound.isPresent()) {
      chosenTerm = exp(w.neg(), power, bound);
      rejectedTerm = exp(l.neg(), power, bound);
    } else {
      // Where the rejected exponent reaches the limit, the loss and its gradient have long been 0.
      // Holding it there changes neither and keeps infinity out of the backward pass. Where the
      // chosen one does, the loss is out of range. The steep extra term makes it infinite, hence
      // reported, instead of being compared with a rejected exponent that was held.
      double limit = w.getDataType() == DataType.FLOAT64 ? 690 : 80;
      NDArray exponent = w.mul(-power);
      NDArray beyond = exponent.sub(limit).maximum(0);
      chosenTerm = exponent.add(beyond.mul(1e4)).exp();
      rejectedTerm = l.mul(-power).clip(LOWEST, limit).exp();
    }
    return rejectedTerm.sub(chosenTerm).div(power);
  }

  /** Returns the same numbers in an array that {@code manager} owns, without copying the graph. */
  static NDArray on(NDManager manager, NDArray array) {
    return manager.ones(array.getShape(), array.getDataType(), array.getDevice()).mul(array);
  }

  /** Returns ones of the same shape, type, device and owner, outside any graph. */
  static NDArray onesLike(NDArray array) {
    return array.getManager().ones(array.getShape(), array.getDataType(), array.getDevice());
  }

  /** Returns the numbers on the host. */
  static double[] toHost(NDArray array) {
    if (array.getDataType() == DataType.FLOAT64) {
      return array.toDoubleArray();
    }
    float[] floats = array.toFloatArray();
    double[] doubles = new double[floats.length];
    Arrays.setAll(doubles, i -> floats[i]);
    return doubles;
  }

  static void requireVector(String name, NDArray array) {
    if (array.getShape().dimension() != 1) {
      throw new IllegalArgumentException(name + " must have shape (B), got " + array.getShape());
    }
  }

  static void requireSameShape(String name, NDArray array, String otherName, NDArray other) {
    if (!array.getShape().equals(other.getShape())) {
      throw new IllegalArgumentException(
          String.format(
              "%s must have the shape of %s, %s, got %s",
              name, otherName, other.getShape(), array.getShape()));
    }
  }

  static void requireFinite(NDArray losses, NDArray... rewards) {
    double[] values = toHost(losses);
    for (int row = 0; row < values.length; row++) {
      if (!Double.isFinite(values[row])) {
        throw new ArithmeticException(
            String.format(
                "loss of row %d must be finite, got %s (implicit rewards %s)",
                row, values[row], rewardsOf(row, rewards)));
      }
    }
  }

  private static String rewardsOf(int row, NDArray... rewards) {
    double[] at = new double[rewards.length];
    Arrays.setAll(at, i -> toHost(rewards[i])[row]);
    return Arrays.toString(at);
  }
}
