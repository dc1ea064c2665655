package io.dil.examples;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.dil.losses.LossParameter;
import io.dil.losses.LossShape;
import io.dil.losses.LossSpec;
import io.dil.losses.Losses;
import io.dil.losses.PairLogProbs;
import io.dil.losses.PairwiseLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Draws every loss of pairs, and its gradient, over the log-ratios of the chosen and the rejected
 * response.
 *
 * <p>A row a loss: the loss over r_w, the loss over r_l, ∂/∂r_w over r_w, ∂/∂r_l over r_l; three
 * curves in each, for the other log-ratio at −1, 0 and 1. Losses that need no reference are drawn
 * over s + 4. β is 1, so that the bends are in the picture.
 */
public final class LossCurves {
  private static final int POINTS = 41;
  private static final double REACH = 3;
  private static final double[] OTHERS = {-1, 0, 1};

  /** Log-probability that stands at the middle of the axis for losses without a reference. */
  private static final double CENTRE = -4;

  private LossCurves() {}

  /** Writes the picture to the path given, or to {@code docs/losses/curves.svg}. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments.length > 0 ? arguments[0] : "docs/losses/curves.svg");
    Files.writeString(file, draw());
  }

  /** Returns the losses that are drawn: those of single pairs. */
  static List<LossSpec> drawn() {
    return Losses.describe().stream()
        .filter(spec -> spec.shape() == LossShape.PAIR && !spec.coupled())
        .toList();
  }

  static String draw() {
    List<LossSpec> specs = drawn();
    CurveSheet sheet =
        new CurveSheet(specs.size(), "loss over r_w", "loss over r_l", "∂/∂r_w", "∂/∂r_l");
    for (LossSpec spec : specs) {
      Map<String, String> parameters = visible(spec);
      PairwiseLoss loss = (PairwiseLoss) spec.create(parameters);
      List<List<double[]>> panels = new ArrayList<>();
      for (int panel = 0; panel < 4; panel++) {
        panels.add(new ArrayList<>());
      }
      double[] axis = axis();
      for (double other : OTHERS) {
        Slice alongChosen = evaluate(loss, axis, constant(other));
        Slice alongRejected = evaluate(loss, constant(other), axis);
        panels.get(0).add(alongChosen.losses);
        panels.get(1).add(alongRejected.losses);
        panels.get(2).add(alongChosen.byChosen);
        panels.get(3).add(alongRejected.byRejected);
      }
      sheet.row(spec.name() + (parameters.isEmpty() ? "" : " " + parameters), panels);
    }
    return sheet.svg(REACH);
  }

  /** Returns parameters that put the interesting part of a loss into the picture. */
  private static Map<String, String> visible(LossSpec spec) {
    Map<String, String> parameters = new LinkedHashMap<>();
    List<String> names = spec.parameters().stream().map(LossParameter::name).toList();
    if (names.contains("beta")) {
      parameters.put("beta", "1");
    }
    if (spec.name().equals("ipo")) {
      parameters.put("tau", "0.5");
    }
    if (spec.name().equals("f-dpo")) {
      parameters.put("divergence", "js");
    }
    return parameters;
  }

  private record Slice(double[] losses, double[] byChosen, double[] byRejected) {}

  private static Slice evaluate(PairwiseLoss loss, double[] chosen, double[] rejected) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      double centre = loss.needsReference() ? 0 : CENTRE;
      NDArray policyChosen = manager.create(chosen).add(centre);
      NDArray policyRejected = manager.create(rejected).add(centre);
      policyChosen.setRequiresGradient(true);
      policyRejected.setRequiresGradient(true);
      NDArray zeros = manager.create(constant(0));
      NDArray ones = manager.create(constant(1));
      NDArray losses =
          loss.compute(
                  new PairLogProbs(policyChosen, policyRejected, ones, ones),
                  new PairLogProbs(zeros, zeros, ones, ones))
              .perExample();
      collector.backward(losses.sum());
      return new Slice(
          losses.toDoubleArray(),
          policyChosen.getGradient().toDoubleArray(),
          policyRejected.getGradient().toDoubleArray());
    }
  }

  private static double[] axis() {
    return IntStream.range(0, POINTS)
        .mapToDouble(i -> -REACH + 2 * REACH * i / (POINTS - 1))
        .toArray();
  }

  private static double[] constant(double value) {
    return IntStream.range(0, POINTS).mapToDouble(i -> value).toArray();
  }
}
