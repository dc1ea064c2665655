package io.dil.train.reference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.TensorEntry;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.MappedTensors;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A reference that moves towards the policy every so many steps, a weight at a time:
 *
 * <pre>
 * θ_ref ← α θ + (1 − α) θ_ref
 * </pre>
 *
 * <p>Source: Gorbatovski et al. 2024 (TR-DPO, arXiv 2404.09656), the soft update, as TRL's {@code
 * SyncRefModelCallback} does it. Weights are rounded to the type in which they compute.
 */
public final class MovingReference implements ReferenceScores {
  private static final String NAME = "reference.safetensors";

  private final DecoderLm model;
  private final ReferenceScores scores;
  private final double alpha;
  private final int every;

  /**
   * Makes a reference.
   *
   * @param model its weights at the start, its own; closed with it
   * @param alpha α, the policy's share
   * @param every steps from one move to the next
   */
  public MovingReference(DecoderLm model, ComputeOptions options, double alpha, int every) {
    this.model = model;
    scores = ReferenceScores.frozen(model, options);
    this.alpha = alpha;
    this.every = every;
  }

  @Override
  public double[] scores(List<TokenGroup> groups) {
    return scores.scores(groups);
  }

  @Override
  public void accompany() {
    scores.accompany();
  }

  /**
   * Moves if it is time.
   *
   * @throws InputException if the policy's weights have other names or shapes
   */
  @Override
  public void stepped(long step, CausalLm policy) {
    if (step % every != 0) {
      return;
    }
    Map<String, NDArray> from = ((DecoderLm) policy).weights();
    List<NDArray> targets = new ArrayList<>();
    List<NDArray> sources = new ArrayList<>();
    model
        .weights()
        .forEach(
            (name, own) -> {
              NDArray other = from.get(name);
              if (other == null || !other.getShape().equals(own.getShape())) {
                throw new InputException(
                    "sync_ref_model needs a reference with the policy's weights, and '"
                        + name
                        + "' differs");
              }
              targets.add(own);
              sources.add(other);
            });
    model.kernels().blend(targets, sources, alpha);
  }

  @Override
  public void save(Path checkpoint) throws IOException {
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    model
        .weights()
        .forEach(
            (name, array) ->
                tensors.add(model.kernels().tensor(name, array, model.precision().storage())));
    SafetensorsWriter.write(checkpoint.resolve(NAME), tensors, Map.of("format", "pt"));
  }

  /** Takes the weights that a checkpoint's reference had. */
  public void resume(Path checkpoint) throws IOException {
    Path file = checkpoint.resolve(NAME);
    SafetensorsHeader header = SafetensorsHeader.read(file);
    try (NDManager scope = model.manager().newSubManager()) {
      MappedTensors tensors = new MappedTensors(scope, model.kernels());
      model
          .weights()
          .forEach(
              (name, array) -> {
                TensorEntry entry = header.entries().get(name);
                if (entry == null) {
                  throw new InputException(
                      file + ": tensor '" + name + "' is missing or does not fit the model");
                }
                try (NDArray stored =
                    tensors.read(
                        file,
                        entry,
                        Kernels.shape(array),
                        "the model",
                        model.precision().storage())) {
                  model.kernels().copy(array, stored);
                }
              });
    }
  }

  @Override
  public void close() {
    scores.close();
  }
}
