package io.dil.train;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.CausalLm;
import io.dil.core.model.CheckpointNames;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.RewardHead;
import io.dil.core.model.RewardStart;
import io.dil.core.model.Sharding;
import io.dil.core.model.traced.TracedLm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A model's folder, looked at but not loaded: safetensors of a known family, or a TorchScript
 * module of any.
 *
 * @param path the folder
 * @param safetensors what is in it; null for a TorchScript module
 */
public record StoredModel(Path path, @Nullable ModelFolder safetensors) {
  /**
   * Opens a folder.
   *
   * @param trusted whether a TorchScript module, which is a program, may be run
   * @throws InputException if it is malformed, or a module that is not trusted
   */
  public static StoredModel open(Path path, boolean trusted) {
    if (!TracedLm.isOne(path)) {
      return new StoredModel(path, ModelFolder.open(path));
    }
    if (!trusted) {
      throw new InputException(
          path.resolve(TracedLm.FILE)
              + ": TorchScript is a program, and loading it runs it; if you trust its maker, set"
              + " trust_torchscript=true (train) or --trust-torchscript");
    }
    return new StoredModel(path, null);
  }

  /** Returns whether it is a TorchScript module. */
  public boolean isTraced() {
    return safetensors == null;
  }

  /** Returns whether it is a reward model. */
  public boolean isReward() {
    return safetensors != null && RewardHead.isOne(safetensors.config());
  }

  /**
   * Returns this.
   *
   * @throws InputException if it is a reward model, which writes no text
   */
  StoredModel requireText() {
    if (isReward()) {
      throw new InputException(
          path
              + ": is a reward model, which gives rewards and no probabilities; score with it by"
              + " dil score --rewards, or train it with loss_type reward-bt");
    }
    return this;
  }

  /** Returns what a person should know before it is used; empty for most. */
  public List<String> warnings() {
    return safetensors == null ? List.of() : CheckpointNames.warnings(safetensors);
  }

  /** Returns the longest sequence that the model was made for; 0 where it does not say. */
  int context() {
    JsonNode config = ModelFolder.json(path.resolve("config.json"));
    return config.path("max_position_embeddings").asInt(0);
  }

  /** Returns the files that decide what it computes: its configuration and its weights. */
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    files.add(path.resolve("config.json"));
    files.addAll(
        safetensors == null
            ? List.of(path.resolve(TracedLm.FILE))
            : new TreeSet<>(safetensors.files().values()));
    return List.copyOf(files);
  }

  /** Loads a model that only scores and generates. */
  CausalLm load(Device device, Precision precision) {
    return load(device, precision, false);
  }

  /**
   * Loads a model that only scores and generates.
   *
   * @param compare whether its numbers are to be compared with those of other tools
   */
  public CausalLm load(Device device, Precision precision, boolean compare) {
    return safetensors == null ? traced(device, precision) : family("", device, precision, compare);
  }

  /**
   * Loads a language model of a known family.
   *
   * @param use what needs one, for the message
   */
  public DecoderLm family(String use, Device device, Precision precision, boolean compare) {
    ModelFolder folder = requireText().requireFamily(use);
    return compare
        ? DecoderLm.loadToCompare(folder, device, precision)
        : DecoderLm.load(folder, device, precision);
  }

  /**
   * Loads a reward model, to compare its numbers with those of other tools.
   *
   * @param start how a language model becomes one
   */
  public DecoderLm reward(RewardStart start, Device device, Precision precision) {
    ModelFolder folder = requireFamily("a reward model");
    return DecoderLm.loadReward(folder, start, device, precision, Sharding.NONE, true);
  }

  /**
   * Returns the folder of a model of a known family.
   *
   * @param use what needs one, for the message
   */
  ModelFolder requireFamily(String use) {
    if (safetensors == null) {
      throw new InputException(
          path.resolve(TracedLm.FILE) + ": " + use + " needs a model of a known family");
    }
    return safetensors;
  }

  private TracedLm traced(Device device, Precision precision) {
    if (precision != Precision.FLOAT32) {
      throw new InputException(
          path.resolve(TracedLm.FILE)
              + ": bf16 needs a model of a known family; a TorchScript module computes in the types"
              + " that it was exported in");
    }
    return TracedLm.load(path, device);
  }
}
