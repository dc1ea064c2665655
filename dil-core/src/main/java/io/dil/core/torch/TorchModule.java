package io.dil.core.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.dil.core.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Somebody else's TorchScript module, as {@code torch.jit.save} wrote it: from token ids to logits.
 *
 * <p>An archive is a program, and this runs it.
 */
public final class TorchModule implements AutoCloseable {
  private final PtSymbolBlock block;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();
  private boolean masked;

  private TorchModule(NDManager manager, PtSymbolBlock block) {
    this.block = block;
    for (NDArray parameter : JniUtils.moduleGetParams(block, (PtNDManager) manager)) {
      parameters.put(parameter.getName(), parameter);
    }
  }

  /**
   * Loads a module onto the device of {@code manager}, in evaluation mode.
   *
   * @throws InputException if torch cannot read the file
   */
  public static TorchModule load(NDManager manager, Path file) {
    TorchThread.ready();
    try {
      PtSymbolBlock block =
          JniUtils.loadModule(
              (PtNDManager) manager, file, true, new String[0], new String[0], true);
      JniUtils.enableInferenceMode(block);
      return new TorchModule(manager, block);
    } catch (EngineException e) {
      throw new InputException(file + ": not a TorchScript module: " + reason(e), e);
    }
  }

  /**
   * Returns the parameters by their names in the module; one that it has under several names is
   * there under each. What {@code hasGradient} says of them is what the archive says.
   */
  public Map<String, NDArray> parameters() {
    return parameters;
  }

  /**
   * Runs {@code forward(ids)}, or, where the module asks for more, {@code forward(ids, mask)} with
   * a mask of ones, and returns the logits: the result, its member {@code logits}, or its first.
   *
   * @param ids token ids (1, T)
   * @throws EngineException with torch's own message if the module fails
   */
  public NDArray logits(NDManager owner, NDArray ids) {
    try {
      return run(owner, ids);
    } catch (EngineException e) {
      if (masked || !String.valueOf(e.getMessage()).contains("missing value for argument")) {
        throw e;
      }
      masked = true;
      return run(owner, ids);
    }
  }

  private NDArray run(NDManager owner, NDArray ids) {
    TorchThread.ready();
    try (NDManager scope = owner.newSubManager()) {
      NDArray own = ids.duplicate();
      own.attach(scope);
      NDList inputs = new NDList(own);
      if (masked) {
        NDArray mask = own.onesLike();
        mask.attach(scope);
        inputs.add(mask);
      }
      NDList results = IValueUtils.forward(block, inputs, true);
      NDArray logits = results.get(0);
      for (NDArray result : results) {
        logits = "logits".equals(result.getName()) ? result : logits;
      }
      logits.attach(owner);
      return logits;
    }
  }

  /** Writes the module as {@code torch.jit.save} does, with its parameters as they are now. */
  public void write(WritableByteChannel channel) throws IOException {
    Guarded guarded = new Guarded(Channels.newOutputStream(channel));
    JniUtils.writeModule(block, guarded, false);
    guarded.rethrow();
  }

  /** Returns the last line of what torch says, which is the cause; the rest is a trace. */
  public static String reason(EngineException error) {
    return String.valueOf(error.getMessage()).strip().lines().reduce("", (before, line) -> line);
  }

  @Override
  public void close() {
    block.close();
  }

  /** Keeps an error for the caller: the native code that writes would not stop at it. */
  private static final class Guarded extends OutputStream {
    private final OutputStream out;
    private @Nullable IOException error;

    Guarded(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        if (error == null) {
          out.write(bytes, offset, length);
        }
      } catch (IOException e) {
        error = e;
      }
    }

    void rethrow() throws IOException {
      if (error != null) {
        throw error;
      }
    }
  }
}
