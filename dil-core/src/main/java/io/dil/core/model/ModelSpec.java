package io.dil.core.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a family's {@code config.json} says, in the terms in which a decoder is run: the program's
 * text, the constants that it reads, and the names and shapes of the weights that it expects.
 *
 * @param family the {@code model_type}
 * @param program the family's TorchScript methods; {@code layers.py} holds those it can call
 * @param constants values of {@code self.NAME} in the program, beside those that every family has
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param kvHeads heads of keys and values, which sizes the cache
 * @param headDim width of one head
 * @param maxPositions the longest sequence that the model was made for
 * @param attention what each decoder layer sees and how its positions turn, one entry a layer
 * @param embedding name of the input embedding
 * @param head name of the output projection, used where it is not tied
 * @param tied whether the output projection is the input embedding
 * @param layerPrefix prefix of a layer's weights, with {@code %d} for its index
 * @param layerWeights a layer's weights by their names behind the prefix
 * @param finalPrefix prefix of the weights behind the last layer
 * @param finalWeights those weights by their names behind the prefix
 * @param reward the head of a reward model; null for a language model
 */
public record ModelSpec(
    String family,
    String program,
    Map<String, Object> constants,
    int vocabSize,
    int hiddenSize,
    int kvHeads,
    int headDim,
    int maxPositions,
    List<LayerAttention> attention,
    String embedding,
    String head,
    boolean tied,
    String layerPrefix,
    Map<String, List<Long>> layerWeights,
    String finalPrefix,
    Map<String, List<Long>> finalWeights,
    @Nullable RewardHead reward) {

  /** Returns this specification with an output projection of its own. */
  ModelSpec untied() {
    return with(head, false, reward);
  }

  /** Returns the reward model that has these layers and the given head. */
  public ModelSpec rewarding(RewardHead scalar) {
    return with(RewardHead.WEIGHT, false, scalar);
  }

  private ModelSpec with(String ownHead, boolean ownTied, @Nullable RewardHead ownReward) {
    return new ModelSpec(
        family,
        program,
        constants,
        vocabSize,
        hiddenSize,
        kvHeads,
        headDim,
        maxPositions,
        attention,
        embedding,
        ownHead,
        ownTied,
        layerPrefix,
        layerWeights,
        finalPrefix,
        finalWeights,
        ownReward);
  }

  /** Returns whether this is a reward model, which gives a sequence one number and no text. */
  public boolean isReward() {
    return reward != null;
  }

  /** Returns the head of a reward model. */
  RewardHead rewardHead() {
    return Objects.requireNonNull(reward, "a language model has no reward head");
  }

  /** Returns the shape of the embedding. */
  List<Long> tableShape() {
    return List.of((long) vocabSize, (long) hiddenSize);
  }

  /** Returns the shape of the head's weight. */
  List<Long> headShape() {
    return isReward() ? RewardHead.shape(hiddenSize) : tableShape();
  }

  /** Returns the number of decoder layers. */
  public int layers() {
    return attention.size();
  }

  /** Returns whether the first tokens of sequences of two lengths are computed alike. */
  boolean sharesPrompt(int length, int other) {
    return attention.stream().allMatch(layer -> layer.rotary().sameFor(length, other));
  }

  /** Returns whether a cache must be computed again when its sequence grows. */
  boolean restarts(int from, int to) {
    return attention.stream().anyMatch(layer -> layer.rotary().restarts(from, to));
  }

  /**
   * Returns the shape of every weight by its name in the checkpoint; a tied projection is not one.
   */
  public Map<String, List<Long>> allWeights() {
    Map<String, List<Long>> all = new LinkedHashMap<>();
    all.put(embedding, tableShape());
    for (int i = 0; i < layers(); i++) {
      String prefix = prefix(i);
      layerWeights.forEach((name, shape) -> all.put(prefix + name, shape));
    }
    finalWeights.forEach((name, shape) -> all.put(finalPrefix + name, shape));
    if (!tied) {
      all.put(head, headShape());
    }
    return all;
  }

  /**
   * Returns whether a weight, by its name in the checkpoint, is one of the small ones after the
   * last layer: those of the norm, and the head of a reward model.
   */
  boolean isFinal(String name) {
    return (isReward() && name.equals(head))
        || (name.startsWith(finalPrefix)
            && finalWeights.containsKey(name.substring(finalPrefix.length())));
  }

  /** Returns the shape (out, in) of a layer's linears by their names behind the layer's prefix. */
  Map<String, List<Long>> linears() {
    Map<String, List<Long>> linears = new LinkedHashMap<>();
    layerWeights.forEach(
        (name, shape) -> {
          if (shape.size() == 2) {
            linears.put(name.substring(0, name.length() - ".weight".length()), shape);
          }
        });
    return linears;
  }

  /** Returns the names of the weights of the embedding and the output projection. */
  public Set<String> tables() {
    return tied() ? Set.of(embedding()) : Set.of(embedding(), head());
  }

  /** Returns the shape (out, in) of every linear that an adapter can change: all but the head. */
  public Map<String, List<Long>> adaptable() {
    Map<String, List<Long>> all = new LinkedHashMap<>();
    for (int i = 0; i < layers(); i++) {
      String prefix = prefix(i);
      linears().forEach((name, shape) -> all.put(prefix + name, shape));
    }
    return all;
  }

  /** Returns the number of weights in a layer's linears. */
  long linearWeights() {
    return count(linears());
  }

  /** Returns the number of weights of a layer. */
  public long weightsPerLayer() {
    return count(layerWeights);
  }

  /** Returns the number of weights of the input embedding, which the output projection has too. */
  public long weightsOfTable() {
    return Math.multiplyExact((long) vocabSize, hiddenSize);
  }

  /** Returns the number of weights of the whole model; a tied projection is counted once. */
  public long weightsInAll() {
    return count(allWeights());
  }

  private static long count(Map<String, List<Long>> shapes) {
    return shapes.values().stream()
        .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
        .sum();
  }

  /** Returns the prefix of the weights of layer {@code index}. */
  public String prefix(int index) {
    return layerPrefix.formatted(index);
  }
}
