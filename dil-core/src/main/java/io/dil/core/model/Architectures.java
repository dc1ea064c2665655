package io.dil.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.gemma2.Gemma2;
import io.dil.core.model.gemma3.Gemma3;
import io.dil.core.model.llama.Llama;
import io.dil.core.model.mistral.Mistral;
import io.dil.core.model.neox.GptNeoX;
import io.dil.core.model.phi3.Phi3;
import io.dil.core.model.qwen2.Qwen2;
import io.dil.core.model.qwen3.Qwen3;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The model families: one line each. A family of a user is a {@link ModelFamily}, named in {@code
 * META-INF/services/io.dil.core.model.ModelFamily}.
 */
public final class Architectures {
  private static final List<ModelFamily> OWN =
      List.of(
          new GptNeoX(),
          new Llama(),
          new Mistral(),
          new Qwen2(),
          new Qwen3(),
          new Phi3(),
          new Gemma2(),
          new Gemma3());

  private static final List<ModelFamily> FAMILIES = withServices();

  private Architectures() {}

  /** Adds the families that are found on the class path. */
  private static List<ModelFamily> withServices() {
    List<ModelFamily> all = new ArrayList<>(OWN);
    ServiceLoader.load(ModelFamily.class).forEach(all::add);
    Set<String> names = new HashSet<>();
    for (ModelFamily family : all) {
      if (!names.add(family.modelType())) {
        throw new InputException(
            "model families must have different names, got two of " + family.modelType());
      }
    }
    return List.copyOf(all);
  }

  /** Returns the {@code model_type}s that can be loaded. */
  public static List<String> names() {
    return FAMILIES.stream().map(ModelFamily::modelType).toList();
  }

  /**
   * Reads what a model folder holds: its configuration, held against its weights.
   *
   * @throws InputException if it asks for what is not implemented, or does not fit the weights
   */
  public static ModelSpec read(ModelFolder folder) {
    return CheckpointNames.resolveHead(folder, configured(folder));
  }

  /**
   * Reads a folder as a reward model: one that it holds, or its language model's layers under a
   * {@link RewardHead}.
   *
   * @param padToken the id of padding where the folder holds a language model
   */
  public static ModelSpec reward(ModelFolder folder, int padToken) {
    ModelSpec spec = read(folder);
    return spec.isReward() ? spec : spec.rewarding(new RewardHead(padToken));
  }

  /** Returns the class in transformers that is the reward model of a family. */
  static String rewardClass(String modelType) {
    return FAMILIES.stream()
        .filter(family -> family.modelType().equals(modelType))
        .findFirst()
        .orElseThrow()
        .rewardClass();
  }

  /** Reads what the configuration of a model folder says. */
  static ModelSpec configured(ModelFolder folder) {
    JsonNode type = folder.config().path("model_type");
    String where = folder.path().resolve("config.json").toString();
    for (ModelFamily family : FAMILIES) {
      if (family.modelType().equals(type.asText())) {
        ModelConfig config = new ModelConfig(where, folder.config());
        config.refuse("quantization_config", "load weights that are not quantised");
        CheckpointBounds.check(folder, config);
        ModelSpec spec = family.read(config);
        return RewardHead.isOne(folder.config()) ? spec.rewarding(RewardHead.read(config)) : spec;
      }
    }
    throw new InputException(
        where
            + ": model_type must be one of "
            + names().stream().collect(Collectors.joining(", ", "[", "]"))
            + ", got "
            + (type.isMissingNode() ? "nothing" : type));
  }
}
