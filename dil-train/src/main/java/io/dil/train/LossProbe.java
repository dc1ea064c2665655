package io.dil.train;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.TokenizedExample;
import io.dil.losses.DemonstrationLoss;
import io.dil.losses.PreferenceLoss;
import io.dil.train.objective.Objective;
import io.dil.train.objective.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Values of a loss at a few given log-probabilities. A loss of the caller's own is code, whose text
 * nobody sees; by its values a changed one is noticed when a run is to go on.
 */
final class LossProbe {
  /** Policy and reference scores of three pairs, chosen before rejected. */
  private static final double[] POLICY = {-10, -12.5, -31, -20.25, -7, -7.5};

  private static final double[] REFERENCE = {-11, -11.75, -30, -22, -7, -9};

  private LossProbe() {}

  /** Returns the values as text; empty for a loss that cannot be taken of these numbers. */
  static String of(PreferenceLoss loss) {
    Objective objective = Objective.of(loss);
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      TokenGroup group =
          new TokenGroup(
              Tokens.of(1), List.of(Tokens.of(new int[4 * i]), Tokens.of(new int[3 * i])));
      examples.add(new TokenizedExample("probe", group, true));
    }
    boolean single = loss instanceof DemonstrationLoss;
    double[] policy = single ? chosen(POLICY) : POLICY;
    double[] reference = single ? chosen(REFERENCE) : REFERENCE;
    double[] mismatched = chosen(POLICY);
    double[] values;
    try {
      values =
          objective
              .evaluate(
                  examples,
                  new Scores(policy, reference, mismatched, chosen(REFERENCE), new double[0]))
              .perExample();
    } catch (RuntimeException e) {
      // A loss may ask more of its inputs than numbers made up here can give.
      return "";
    }
    StringBuilder text = new StringBuilder();
    for (double value : values) {
      // Ten digits: enough to tell losses apart, few enough for another build of torch.
      text.append(String.format(Locale.ROOT, "%.9e ", value));
    }
    return text.toString().strip();
  }

  private static double[] chosen(double[] pairs) {
    double[] chosen = new double[pairs.length / 2];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = pairs[2 * i];
    }
    return chosen;
  }
}
