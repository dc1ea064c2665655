package io.dil.losses;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;

/**
 * A loss of any shape evaluated on {@link Responses}.
 *
 * @param losses one number an example
 * @param gradient ∂(Σ losses)/∂(summed policy log-prob) of every response
 * @param rewards of every response
 */
record Evaluation(double[] losses, double[] gradient, double[] rewards) {

  static Evaluation of(PreferenceLoss loss, Responses data) {
    return of(loss, data, DataType.FLOAT64);
  }

  /**
   * Evaluates, while the managers that own the reference and the token counts refuse any new array,
   * and checks that no input changed.
   */
  static Evaluation of(PreferenceLoss loss, Responses data, DataType type) {
    try (NDManager step = NDManager.newBaseManager();
        NDManager foreign = NDManager.newBaseManager()) {
      NDArray policy = array(step, data.policy(), type);
      NDArray reference = array(foreign, data.reference(), type);
      NDArray tokens = array(foreign, data.tokens(), type);
      int half = data.pairs();
      PairLogProbs policyPairs = halves(policy, tokens, half);
      policy.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray losses;
        NDArray rewards;
        if (loss instanceof PairwiseLoss pairwise) {
          PairLogProbs referencePairs = halves(reference, tokens, half);
          // Views are taken before the managers close their doors.
          PairLogProbs live =
              new PairLogProbs(
                  policy.get("0:" + half),
                  policy.get(half + ":"),
                  policyPairs.chosenTokens(),
                  policyPairs.rejectedTokens());
          foreign.cap();
          LossOutput output = pairwise.compute(live, referencePairs);
          check(output.chosenRewards(), half);
          check(output.rejectedRewards(), half);
          check(output.perExample(), step, half);
          losses = output.perExample();
          rewards = output.chosenRewards().concat(output.rejectedRewards());
        } else if (loss instanceof PointwiseLoss pointwise) {
          double[] labels = new double[2 * half];
          Arrays.fill(labels, 0, half, 1);
          NDArray desirable = array(foreign, labels, type);
          NDArray kl = foreign.create(data.kl()).toType(type, false);
          foreign.cap();
          ResponseOutput output =
              pointwise.compute(
                  new ResponseLogProbs(policy, tokens),
                  new ResponseLogProbs(reference, tokens),
                  desirable,
                  kl);
          check(output.rewards(), 2 * half);
          check(output.perExample(), step, 2 * half);
          losses = output.perExample();
          rewards = output.rewards();
        } else {
          foreign.cap();
          ResponseOutput output =
              ((DemonstrationLoss) loss).compute(new ResponseLogProbs(policy, tokens));
          check(output.rewards(), 2 * half);
          check(output.perExample(), step, 2 * half);
          losses = output.perExample();
          rewards = output.rewards();
        }
        // By a backward pass, since hasGradient is false of everything but a leaf.
        requireDetached(rewards, policy, collector);
        collector.backward(losses.sum());
        same("policy", policy, data.policy(), type);
        same("reference", reference, data.reference(), type);
        same("tokens", tokens, data.tokens(), type);
        return new Evaluation(
            LossMath.toHost(losses),
            LossMath.toHost(policy.getGradient()),
            LossMath.toHost(rewards));
      }
    }
  }

  double sum() {
    return Arrays.stream(losses).sum();
  }

  private static NDArray array(NDManager manager, double[] values, DataType type) {
    return type == DataType.FLOAT64 ? manager.create(values) : manager.create(floats(values));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static PairLogProbs halves(NDArray all, NDArray tokens, int half) {
    return new PairLogProbs(
        all.get("0:" + half), all.get(half + ":"), tokens.get("0:" + half), tokens.get(half + ":"));
  }

  private static void check(NDArray losses, NDManager step, int size) {
    if (!losses.getShape().equals(new Shape(size))) {
      throw new AssertionError("losses have shape " + losses.getShape());
    }
    if (!losses.getManager().equals(step)) {
      throw new AssertionError("losses belong to a foreign manager");
    }
  }

  private static void check(NDArray rewards, int size) {
    if (!rewards.getShape().equals(new Shape(size))) {
      throw new AssertionError("rewards have shape " + rewards.getShape());
    }
  }

  /** Checks that nothing arrives at the policy through the rewards; leaves it a gradient of 0. */
  private static void requireDetached(
      NDArray rewards, NDArray policy, GradientCollector collector) {
    collector.backward(rewards.sum().add(policy.mul(0).sum()));
    for (double value : LossMath.toHost(policy.getGradient())) {
      if (value != 0) {
        throw new AssertionError("rewards carry a gradient, " + value);
      }
    }
  }

  private static void same(String name, NDArray array, double[] before, DataType type) {
    double[] expected = before;
    if (type != DataType.FLOAT64) {
      float[] floats = floats(before);
      expected = new double[floats.length];
      for (int i = 0; i < floats.length; i++) {
        expected[i] = floats[i];
      }
    }
    if (!Arrays.equals(LossMath.toHost(array), expected)) {
      throw new AssertionError(name + " was changed");
    }
  }
}
