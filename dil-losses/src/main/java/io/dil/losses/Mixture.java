package io.dil.losses;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A weighted sum of losses, each with its own reduction: Σᵢ wᵢ Lᵢ.
 *
 * <p>A {@link DemonstrationLoss} among them is taken of the chosen responses. The rewards reported
 * are those of the first pairwise component, unweighted.
 *
 * <p>Source: RPO, Pang et al. 2024, arXiv 2404.19733, eq. 1 (DPO plus a length-normalised
 * likelihood); MPO, Wang et al. 2024, arXiv 2411.10442 (DPO, BCO and SFT).
 *
 * @param components weighted losses, at least one of them pairwise
 */
public record Mixture(List<Component> components) implements PairwiseLoss {

  /**
   * A loss and its weight.
   *
   * @param weight a positive factor
   * @param loss pairwise, or of demonstrations
   */
  public record Component(double weight, PreferenceLoss loss) {
    static final Domain WEIGHT = Domain.above(0);

    /** Checks that the weight is positive and that the loss can be taken of pairs. */
    public Component {
      WEIGHT.check("mixture weight", weight);
      if (loss instanceof PointwiseLoss) {
        throw new IllegalArgumentException(
            "mixture component must be a loss of pairs or of demonstrations, got a loss of labelled"
                + " responses");
      }
      if (loss.takesRewards()) {
        throw new IllegalArgumentException(
            "mixture component must be a loss of log-probabilities, got a loss of rewards");
      }
    }

    private LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
      if (loss instanceof PairwiseLoss pairwise) {
        return pairwise.compute(policy, reference);
      }
      ResponseOutput output = ((DemonstrationLoss) loss).compute(policy.demonstrations());
      return new LossOutput(output.perExample(), output.rewards(), output.rewards());
    }
  }

  /** Copies the list and checks that a pairwise loss is among them. */
  public Mixture {
    components = List.copyOf(components);
    if (components.stream().noneMatch(part -> part.loss() instanceof PairwiseLoss)) {
      throw new IllegalArgumentException("mixture must hold a loss of pairs, got none");
    }
  }

  /**
   * Returns {@code loss} plus {@code weight} times the length-normalised negative log-likelihood of
   * the chosen responses, −s_w/|y_w|.
   */
  public static Mixture withDemonstrations(PairwiseLoss loss, double weight) {
    return new Mixture(
        List.of(new Component(1, loss), new Component(weight, new Sft(Reduction.MEAN))));
  }

  /** Returns the reduction of the first pairwise component; the others keep their own. */
  @Override
  public Reduction reduction() {
    return components.get(leadingIndex()).loss().reduction();
  }

  @Override
  public boolean needsTokens() {
    return components.stream().anyMatch(part -> part.loss().needsTokens());
  }

  @Override
  public boolean needsReference() {
    return components.stream().anyMatch(part -> part.loss().needsReference());
  }

  @Override
  public boolean coupled() {
    return components.stream().anyMatch(part -> part.loss().coupled());
  }

  @Override
  public OptionalDouble valueAtReference() {
    double sum = 0;
    for (Component part : components) {
      OptionalDouble value = part.loss().valueAtReference();
      if (value.isEmpty()) {
        return value;
      }
      sum += part.weight() * value.getAsDouble();
    }
    return OptionalDouble.of(sum);
  }

  @Override
  public LossOutput compute(PairLogProbs policy, PairLogProbs reference) {
    List<LossOutput> outputs =
        components.stream().map(part -> part.compute(policy, reference)).toList();
    NDArray sum = outputs.get(0).perExample().mul(components.get(0).weight());
    for (int i = 1; i < components.size(); i++) {
      sum = sum.add(outputs.get(i).perExample().mul(components.get(i).weight()));
    }
    LossOutput rewards = outputs.get(leadingIndex());
    return new LossOutput(sum, rewards.chosenRewards(), rewards.rejectedRewards());
  }

  /** Returns the place of the first pairwise component. */
  private int leadingIndex() {
    int index = 0;
    while (!(components.get(index).loss() instanceof PairwiseLoss)) {
      index++;
    }
    return index;
  }
}
