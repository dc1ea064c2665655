package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KtoTest {
  private final PointwiseLoss kto =
      (PointwiseLoss)
          Losses.create("kto", Map.of("beta", 1, "desirable_weight", 3, "undesirable_weight", 2));

  @Test
  void klIsTheFlooredMeanOfMismatchedLogRatios() {
    try (NDManager manager = NDManager.newBaseManager()) {
      assertEquals(2, kl(manager, new double[] {-1, -2}, new double[] {-4, -3}).getDouble());
      assertEquals(0, kl(manager, new double[] {-4, -3}, new double[] {-1, -2}).getDouble());
    }
  }

  @Test
  void klCarriesNoGradient() {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray policy = manager.create(new double[] {-1, -2});
      policy.setRequiresGradient(true);
      NDArray ones = manager.ones(policy.getShape(), policy.getDataType());
      NDArray reference = manager.create(new double[] {-4, -3});
      ResponseLogProbs live = new ResponseLogProbs(policy, ones);
      ResponseLogProbs frozen = new ResponseLogProbs(reference, ones);
      NDArray kl = kto.kl(live, frozen);
      assertFalse(kl.hasGradient());
      // r = (3, 1), kl = 2: desirable 3 sigmoid(-(3 - 2)), undesirable 2 sigmoid(-(2 - 1)).
      NDArray desirable = manager.create(new boolean[] {true, false});
      ResponseOutput output = kto.compute(live, frozen, desirable, policy.mean().add(3.5));
      double sigma = 1 / (1 + Math.exp(1));
      assertEquals(3 * sigma, output.perExample().getDouble(0), 1e-15);
      assertEquals(2 * sigma, output.perExample().getDouble(1), 1e-15);
      collector.backward(output.perExample().sum());
      double[] gradient = policy.getGradient().toDoubleArray();
      // Nothing more arrives through the kl above, though it was computed from the policy.
      assertEquals(-3 * sigma * (1 - sigma), gradient[0], 1e-15);
      assertEquals(2 * sigma * (1 - sigma), gradient[1], 1e-15);
    }
  }

  private NDArray kl(NDManager manager, double[] policy, double[] reference) {
    NDArray ones = manager.create(new double[] {1, 1});
    return kto.kl(
        new ResponseLogProbs(manager.create(policy), ones),
        new ResponseLogProbs(manager.create(reference), ones));
  }
}
