package io.dil.core.model.traced;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecodingSession;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Parameter;
import io.dil.core.model.Pass;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchModule;
import io.dil.core.torch.TorchProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A causal language model that is a TorchScript module, from {@code input_ids} (1, T) to logits (1,
 * T, V): of any family, exported by {@code torch.jit.trace} or {@code torch.jit.script}.
 *
 * <p>The module is a program, and loading it runs it: load only what you trust. It computes in the
 * types that it was exported in, one whole sequence at a time, so prompts are not shared between
 * responses and no position is padding. Generation has no cache.
 */
public final class TracedLm implements CausalLm {
  /** The module's file in a model folder. */
  public static final String FILE = "model.pt";

  private final Path folder;
  private final int vocabSize;
  private final NDManager manager;
  private final Kernels kernels;
  private final TorchProgram program;
  private final TorchModule module;
  private final List<Parameter> trained = new ArrayList<>();
  // The module's own tensors that need a gradient, and the sum that each is added to. A tensor that
  // the
  // module has under two names is two leaves, whose gradients belong to one parameter.
  private final List<NDArray> leaves = new ArrayList<>();
  private final List<NDArray> sums = new ArrayList<>();

  private TracedLm(Path folder, Device device) {
    this.folder = folder;
    JsonNode config = ModelFolder.json(folder.resolve("config.json"));
    vocabSize = config.path("vocab_size").asInt(0);
    if (vocabSize < 1) {
      throw new InputException(
          folder.resolve("config.json")
              + ": vocab_size must be an integer >= 1, got "
              + config.path("vocab_size"));
    }
    manager = NDManager.newBaseManager(device, "PyTorch");
    try {
      kernels = new Kernels(manager);
      program =
          TorchProgram.compile(
              manager,
              TorchProgram.resource(TracedLm.class, "traced.py"),
              Map.of("training", false));
      module = TorchModule.load(manager, folder.resolve(FILE));
      new TracedCheck(this, config).run();
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Returns whether a folder holds a traced model and no safetensors. */
  public static boolean isOne(Path folder) {
    return Files.exists(folder.resolve(FILE))
        && !Files.exists(folder.resolve(ModelFolder.SINGLE_FILE))
        && !Files.exists(folder.resolve(ModelFolder.INDEX_FILE));
  }

  /**
   * Loads {@code model.pt} and {@code vocab_size} of {@code config.json}, and runs the module,
   * which is somebody's code, at two lengths.
   *
   * @throws InputException if the module cannot be read or is not a causal model of any length
   */
  public static TracedLm load(Path folder, Device device) {
    return new TracedLm(folder, device);
  }

  /**
   * Makes every weight that the module trains a parameter: those whose {@code requires_grad} was on
   * when it was exported.
   *
   * @throws InputException if there is none, or one is not fp32
   */
  public TracedLm trainAll() {
    if (trained.isEmpty()) {
      module.parameters().forEach(this::train);
      if (trained.isEmpty()) {
        throw new InputException(
            file()
                + ": must have weights that require a gradient, got none of "
                + module.parameters().size());
      }
    }
    return this;
  }

  private void train(String name, NDArray weight) {
    if (!weight.hasGradient()) {
      return;
    }
    if (weight.getDataType() != DataType.FLOAT32) {
      throw new InputException(
          file()
              + ": weights that are trained must be fp32, got "
              + weight.getDataType()
              + " for '"
              + name
              + "'; export model.float()");
    }
    NDArray sum = null;
    for (int i = 0; i < leaves.size(); i++) {
      if (holds("identical", leaves.get(i), weight)) {
        return;
      }
      sum = holds("shared", leaves.get(i), weight) ? sums.get(i) : sum;
    }
    if (sum == null) {
      sum = Kernels.zerosLike(manager, weight);
      trained.add(
          new Parameter(name, Kernels.shape(weight), weight, weight, StorageType.F32, false, sum));
    }
    leaves.add(weight);
    sums.add(sum);
  }

  private boolean holds(String method, NDArray a, NDArray b) {
    try (NDArray answer = program.call(method).with(a).with(b).single(manager)) {
      return kernels.doubles(answer)[0] != 0;
    }
  }

  @Override
  public int vocabSize() {
    return vocabSize;
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public List<Parameter> parameters() {
    return List.copyOf(trained);
  }

  /** Nothing to do: the module's own weights are what is trained. */
  @Override
  public void refresh() {}

  /** Nothing to do: a module is whole on one rank. */
  @Override
  public void accompany(boolean backward) {}

  TorchProgram program() {
    return program;
  }

  Path file() {
    return folder.resolve(FILE);
  }

  List<NDArray> leaves() {
    return leaves;
  }

  List<NDArray> sums() {
    return sums;
  }

  /**
   * Returns the logits (1, T, V) of a sequence; a gradient is recorded as {@link GradMode} says.
   */
  NDArray logits(NDManager owner, Tokens tokens) {
    long[] ids = tokens.requireBelow(vocabSize).stream().asLongStream().toArray();
    try (NDArray input = manager.create(ids, new Shape(1, ids.length))) {
      return module.logits(owner, input);
    } catch (EngineException e) {
      throw new InputException(
          file() + ": fails at " + ids.length + " tokens: " + TorchModule.reason(e), e);
    }
  }

  @Override
  public Pass inference(List<TokenGroup> groups, ComputeOptions options) {
    return new TracedPass(this, groups, options, false);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Activations of all sequences are kept until the backward pass; with {@code Recompute.ALWAYS}
   * each sequence runs again in its turn.
   */
  @Override
  public Pass forward(List<TokenGroup> groups, ComputeOptions options) {
    if (trained.isEmpty()) {
      throw new IllegalStateException("model has no parameters to train; call trainAll first");
    }
    return new TracedPass(this, groups, options, true);
  }

  @Override
  public DecodingSession decode(int sequences, int maxLength) {
    return new TracedDecoding(this, sequences, maxLength);
  }

  /**
   * Writes the module with its weights as they are now, a file that {@code torch.jit.load} opens,
   * with {@code config.json} and the tokenizer's files; each file whole or not at all.
   *
   * @param source the folder that describes the model
   */
  public void write(Path target, Path source) throws IOException {
    Files.createDirectories(target);
    AtomicFile.write(target.resolve(FILE), channel -> module.write(channel));
    AtomicFile.write(
        target.resolve("config.json"), Files.readAllBytes(source.resolve("config.json")));
    ModelWriter.copyCompanions(target, source);
  }

  @Override
  public void close() {
    module.close();
    program.close();
    kernels.close();
    manager.close();
  }
}
