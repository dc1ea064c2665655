package io.dil.train;

import io.dil.data.TokenizedExample;
import io.dil.train.objective.BatchLoss;
import java.util.List;

/** Stops a run at the first number that is not finite, and names the row that it came from. */
final class Finite {
  private Finite() {}

  static void scores(String model, List<TokenizedExample> examples, double[] scores) {
    int perExample = scores.length / examples.size();
    boolean even = perExample * examples.size() == scores.length;
    for (int i = 0; i < scores.length; i++) {
      if (!Double.isFinite(scores[i])) {
        String row = even ? examples.get(i / perExample).id() : "response " + i + " of the batch";
        throw new TrainingException(
            row
                + ": score under the "
                + model
                + " must be finite, got "
                + scores[i]
                + "; a lower learning_rate or a look at this row may help");
      }
    }
  }

  static void losses(List<TokenizedExample> examples, BatchLoss result) {
    for (int i = 0; i < examples.size(); i++) {
      if (!Double.isFinite(result.perExample()[i])) {
        throw new TrainingException(
            examples.get(i).id()
                + ": loss must be finite, got "
                + result.perExample()[i]
                + "; a lower learning_rate or a bound on the log-ratio may help");
      }
    }
    for (double gradient : result.gradient()) {
      if (!Double.isFinite(gradient)) {
        throw new TrainingException(
            "gradient of the loss must be finite, got "
                + gradient
                + " in the batch of rows "
                + examples.stream().map(TokenizedExample::id).toList());
      }
    }
  }
}
