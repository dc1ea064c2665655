package io.dil.train.eval;

import java.util.List;

/**
 * A mean and how far it may be off.
 *
 * @param rows how many values
 * @param mean their mean
 * @param stderr the mean's standard error, sample standard deviation / √rows; NaN for one row
 */
public record Statistic(int rows, double mean, double stderr) {
  static Statistic of(List<Double> values) {
    int n = values.size();
    double mean = values.stream().mapToDouble(Double::doubleValue).sum() / n;
    double squares = values.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
    return new Statistic(n, mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n));
  }

  /**
   * Returns the mean over parts, weighted by their rows, with the harness's pooled standard error:
   * √(Σ (nᵢ−1) nᵢ sᵢ² / (Σnᵢ − k) / Σnᵢ) for k parts with standard errors sᵢ.
   */
  static Statistic pooled(List<Statistic> parts) {
    int rows = parts.stream().mapToInt(Statistic::rows).sum();
    double sum = 0;
    double variance = 0;
    for (Statistic part : parts) {
      sum += part.mean * part.rows;
      variance += (part.rows - 1.0) * part.rows * part.stderr * part.stderr;
    }
    double stderr =
        rows > parts.size() ? Math.sqrt(variance / (rows - parts.size()) / rows) : Double.NaN;
    return new Statistic(rows, sum / rows, stderr);
  }
}
