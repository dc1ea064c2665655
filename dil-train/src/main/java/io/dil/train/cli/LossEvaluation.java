package io.dil.train.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.torch.Autograd;
import io.dil.core.torch.GradMode;
import io.dil.losses.DemonstrationLoss;
import io.dil.losses.LossOutput;
import io.dil.losses.PairLogProbs;
import io.dil.losses.PairRewards;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.PointwiseLoss;
import io.dil.losses.PreferenceLoss;
import io.dil.losses.ResponseLogProbs;
import io.dil.losses.ResponseOutput;
import io.dil.losses.RewardLoss;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One loss evaluated in double precision: value, gradient with respect to the policy's summed
 * log-probabilities, implicit rewards.
 *
 * @param name how the loss was asked for, for messages
 * @param loss the loss
 */
record LossEvaluation(String name, PreferenceLoss loss) {

  /** Returns the fields of the command's output. */
  Map<String, Object> evaluate(LossInput input) {
    try (NDManager manager = NDManager.newBaseManager();
        GradMode recording = GradMode.on()) {
      if (loss instanceof PairwiseLoss pairwise) {
        return pairs(pairwise, input, manager);
      }
      if (loss instanceof PointwiseLoss pointwise) {
        return labelled(pointwise, input, manager);
      }
      return demonstrations((DemonstrationLoss) loss, input, manager);
    } catch (ArithmeticException notFinite) {
      throw new InputException(
          input.file() + ": " + name + ": " + notFinite.getMessage(), notFinite);
    }
  }

  private Map<String, Object> pairs(PairwiseLoss pairwise, LossInput input, NDManager manager) {
    int size =
        input.numbers("policy", "chosen").orElseThrow(() -> input.missing("policy.chosen")).length;
    NDArray chosen = leaf(manager, input.numbers(size, "policy", "chosen"));
    NDArray rejected = leaf(manager, input.numbers(size, "policy", "rejected"));
    NDArray chosenTokens = tokens(manager, input, size, "tokens", "chosen");
    NDArray rejectedTokens = tokens(manager, input, size, "tokens", "rejected");
    PairLogProbs policy = new PairLogProbs(chosen, rejected, chosenTokens, rejectedTokens);
    PairLogProbs reference = policy;
    if (loss.needsReference()) {
      reference =
          new PairLogProbs(
              manager.create(input.numbers(size, "reference", "chosen")),
              manager.create(input.numbers(size, "reference", "rejected")),
              chosenTokens,
              rejectedTokens);
    }
    LossOutput output = compute(pairwise, policy, reference, input, manager).requireFinite();
    NDArray[] gradients = Autograd.gradients(output.perExample().sum(), chosen, rejected);
    return result(
        output.perExample(),
        sides(gradients[0], gradients[1]),
        sides(output.chosenRewards(), output.rejectedRewards()));
  }

  private LossOutput compute(
      PairwiseLoss pairwise,
      PairLogProbs policy,
      PairLogProbs reference,
      LossInput input,
      NDManager manager) {
    if (input.numbers("margins").isEmpty()) {
      return pairwise.compute(policy, reference);
    }
    if (!(pairwise instanceof RewardLoss rewards)) {
      throw new InputException(
          input.file() + ": margins would be ignored: " + name + " is no loss of a reward model");
    }
    NDArray margins = manager.create(input.numbers((int) policy.size(), "margins"));
    return rewards.compute(new PairRewards(policy.chosen(), policy.rejected(), margins));
  }

  private Map<String, Object> labelled(
      PointwiseLoss pointwise, LossInput input, NDManager manager) {
    int size =
        input.numbers("policy", "logp").orElseThrow(() -> input.missing("policy.logp")).length;
    NDArray logProbs = leaf(manager, input.numbers(size, "policy", "logp"));
    NDArray tokens = tokens(manager, input, size, "tokens");
    double[] reference =
        loss.needsReference() ? input.numbers(size, "reference", "logp") : new double[size];
    ResponseOutput output =
        pointwise
            .compute(
                new ResponseLogProbs(logProbs, tokens),
                new ResponseLogProbs(manager.create(reference), tokens),
                manager.create(input.labels(size)),
                manager.create(pointwise.needsKl() ? input.kl() : 0))
            .requireFinite();
    NDArray[] gradients = Autograd.gradients(output.perExample().sum(), logProbs);
    return result(
        output.perExample(),
        Map.of("logp", finite(gradients[0])),
        Map.of("logp", finite(output.rewards())));
  }

  /**
   * Takes pairs too: then the chosen responses are the demonstrations, and the rejected play no
   * part.
   */
  private Map<String, Object> demonstrations(
      DemonstrationLoss demonstration, LossInput input, NDManager manager) {
    String side = input.isPairs() ? "chosen" : "logp";
    String[] tokenPath = input.isPairs() ? new String[] {"tokens", side} : new String[] {"tokens"};
    int size = input.numbers("policy", side).orElseThrow(() -> input.missing("policy.logp")).length;
    NDArray logProbs = leaf(manager, input.numbers(size, "policy", side));
    NDArray tokens = tokens(manager, input, size, tokenPath);
    ResponseOutput output =
        demonstration.compute(new ResponseLogProbs(logProbs, tokens)).requireFinite();
    NDArray[] gradients = Autograd.gradients(output.perExample().sum(), logProbs);
    Map<String, Object> gradient = new LinkedHashMap<>(Map.of(side, finite(gradients[0])));
    if (input.isPairs()) {
      gradient.put("rejected", new double[size]);
    }
    return result(output.perExample(), gradient, Map.of(side, finite(output.rewards())));
  }

  private static NDArray leaf(NDManager manager, double[] values) {
    NDArray array = manager.create(values);
    array.setRequiresGradient(true);
    return array;
  }

  /** Token counts may be left out where they play no part. */
  private NDArray tokens(NDManager manager, LossInput input, int size, String... path) {
    if (loss.needsTokens()) {
      return manager.create(input.tokens(size, path));
    }
    double[] ones = new double[size];
    Arrays.fill(ones, 1);
    return manager.create(ones);
  }

  private static Map<String, Object> sides(NDArray chosen, NDArray rejected) {
    Map<String, Object> sides = new LinkedHashMap<>();
    sides.put("chosen", finite(chosen));
    sides.put("rejected", finite(rejected));
    return sides;
  }

  private static Map<String, Object> result(
      NDArray losses, Map<String, Object> gradient, Map<String, Object> rewards) {
    double[] values = finite(losses);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("loss", Arrays.stream(values).average().orElseThrow());
    result.put("per_example", values);
    result.put("grad", gradient);
    result.put("rewards", rewards);
    return result;
  }

  /** Returns the numbers; JSON has no way to write the others. */
  private static double[] finite(NDArray array) {
    double[] values = array.toDoubleArray();
    for (int row = 0; row < values.length; row++) {
      if (!Double.isFinite(values[row])) {
        throw new ArithmeticException(
            "gradient of row " + row + " must be finite, got " + values[row]);
      }
    }
    return values;
  }
}
