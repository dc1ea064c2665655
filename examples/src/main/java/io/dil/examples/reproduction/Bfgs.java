package io.dil.examples.reproduction;

/**
 * One search for a minimum, by BFGS with a backtracking line search, that is told values from
 * outside: many searches can so be computed in one call of the engine.
 *
 * <p>{@link #trial} is where the loss is wanted next, {@link #tell} says what it was there.
 */
final class Bfgs {
  private static final double ARMIJO = 1e-4;
  private static final double SMALLEST_STEP = 1e-10;

  /** Differences of losses below this share of them are rounding. */
  private static final double ROUNDING = 1e-14;

  private final int size;
  private final double tolerance;
  private double[] at;
  private double loss = Double.NaN;
  private double[] gradient;
  private double[] inverse;
  private double[] direction;
  private double step = 1;
  private boolean fresh = true;
  private boolean ended;
  private int iterations;

  /**
   * Begins a search.
   *
   * @param start where it begins
   * @param tolerance the largest gradient at which it ends
   */
  Bfgs(double[] start, double tolerance) {
    this.size = start.length;
    this.tolerance = tolerance;
    this.at = start.clone();
    this.gradient = new double[size];
    this.inverse = new double[size * size];
    this.direction = new double[size];
  }

  boolean ended() {
    return ended;
  }

  /** Returns the best place so far. */
  double[] at() {
    return at.clone();
  }

  int iterations() {
    return iterations;
  }

  /** Returns where the loss is wanted. */
  double[] trial() {
    if (Double.isNaN(loss)) {
      return at.clone();
    }
    double[] place = new double[size];
    for (int i = 0; i < size; i++) {
      place[i] = at[i] + step * direction[i];
    }
    return place;
  }

  /** Takes loss and gradient at {@link #trial}. */
  void tell(double lossThere, double[] gradientThere) {
    if (Double.isNaN(loss)) {
      loss = lossThere;
      gradient = gradientThere.clone();
      restart();
      return;
    }
    double slope = dot(gradient, direction);
    boolean lower =
        lossThere <= loss + ARMIJO * step * slope + ROUNDING * (1 + Math.abs(loss))
            && Double.isFinite(lossThere);
    if (!lower) {
      step /= 2;
      if (step < SMALLEST_STEP) {
        if (fresh) {
          ended = true;
        } else {
          restart();
        }
      }
      return;
    }
    update(gradientThere);
    loss = lossThere;
    iterations++;
    aim();
  }

  private void restart() {
    inverse = new double[size * size];
    double scale = 1 / Math.max(1e-300, largest(gradient));
    for (int i = 0; i < size; i++) {
      inverse[i * size + i] = scale;
    }
    fresh = true;
    aim();
  }

  private void aim() {
    if (largest(gradient) <= tolerance) {
      ended = true;
      return;
    }
    for (int i = 0; i < size; i++) {
      double sum = 0;
      for (int j = 0; j < size; j++) {
        sum -= inverse[i * size + j] * gradient[j];
      }
      direction[i] = sum;
    }
    step = 1;
    if (dot(direction, gradient) >= 0) {
      if (fresh) {
        ended = true;
      } else {
        restart();
      }
    }
  }

  /** Moves to the trial and learns the curvature on the way there. */
  private void update(double[] gradientThere) {
    double[] s = new double[size];
    double[] y = new double[size];
    for (int i = 0; i < size; i++) {
      s[i] = step * direction[i];
      at[i] += s[i];
      y[i] = gradientThere[i] - gradient[i];
    }
    gradient = gradientThere.clone();
    double sy = dot(s, y);
    double yy = dot(y, y);
    if (sy <= 1e-12 * Math.sqrt(dot(s, s) * yy) || yy == 0) {
      fresh = false;
      return;
    }
    if (fresh) {
      inverse = new double[size * size];
      for (int i = 0; i < size; i++) {
        inverse[i * size + i] = sy / yy;
      }
      fresh = false;
    }
    double[] hy = new double[size];
    for (int i = 0; i < size; i++) {
      double sum = 0;
      for (int j = 0; j < size; j++) {
        sum += inverse[i * size + j] * y[j];
      }
      hy[i] = sum;
    }
    double factor = (1 + dot(y, hy) / sy) / sy;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        inverse[i * size + j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
