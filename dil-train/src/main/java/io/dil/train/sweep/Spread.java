package io.dil.train.sweep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/**
 * A number over several seeds.
 *
 * @param n how many there are
 * @param mean their mean
 * @param sd the standard deviation of the sample, with n − 1; 0 for one
 * @param low the lowest
 * @param high the highest
 */
record Spread(int n, double mean, double sd, double low, double high) {
  static Spread of(List<Double> values) {
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    double sd = values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1));
    return new Spread(
        values.size(),
        mean,
        sd,
        values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN),
        values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN));
  }

  ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("n", n).put("mean", mean).put("sd", sd);
    return node.put("low", low).put("high", high);
  }

  /** Returns the mean, with the standard deviation where there is one. */
  String text() {
    return n < 2 ? digits(mean, 4) : digits(mean, 4) + " ± " + digits(sd, 2);
  }

  static String digits(double value, int digits) {
    return Double.isFinite(value)
        ? new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros().toPlainString()
        : String.valueOf(value);
  }
}
