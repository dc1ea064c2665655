package io.dil.core.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A TorchScript module compiled from source text, whose methods run with or without a gradient.
 *
 * <p>The text defines methods of {@code class Model(Module)}; the class line and the declarations
 * of its attributes are added here, so that a program's file holds nothing but its methods. Compile
 * and run-time errors quote the source line.
 */
public final class TorchProgram implements AutoCloseable {
  private final NDManager manager;
  private final PtSymbolBlock block;

  private TorchProgram(NDManager manager, PtSymbolBlock block) {
    this.manager = manager;
    this.block = block;
  }

  /**
   * Compiles methods into a module.
   *
   * @param manager owns the module and names the device that it runs on
   * @param methods TorchScript methods, indented as the body of a class
   * @param attributes constants that the methods read as {@code self.NAME}: Boolean, Long, Double,
   *     String
   * @return the module, which the caller closes
   */
  public static TorchProgram compile(
      NDManager manager, String methods, Map<String, Object> attributes) {
    StringBuilder source = new StringBuilder("class Model(Module):\n");
    source.append("  __parameters__ = []\n  __buffers__ = []\n");
    attributes.forEach(
        (name, value) ->
            source.append("  ").append(name).append(" : ").append(type(value)).append('\n'));
    source.append(methods);
    byte[] archive = TorchArchive.write(source.toString(), attributes);
    TorchThread.ready();
    try (InputStream stream = new ByteArrayInputStream(archive)) {
      return new TorchProgram(
          manager, JniUtils.loadModule((PtNDManager) manager, stream, false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a program's text from the class path of {@code owner}. */
  public static String resource(Class<?> owner, String name) {
    try (InputStream stream = owner.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalArgumentException("program resource is missing, got '" + name + "'");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins a call of {@code method}; arguments follow in the order in which it declares them. */
  public Call call(String method) {
    return new Call(method);
  }

  @Override
  public void close() {
    block.close();
  }

  private static String type(Object value) {
    if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof Long) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    }
    return "str";
  }

  /**
   * The arguments of one call, which runs once. DJL tells lists, dicts and single tensors apart by
   * the arrays' names, so an array may stand in one argument only.
   */
  public final class Call {
    // Scalars travel as CPU arrays without dimensions: reading one back on a GPU would stall it.
    private final NDManager scalars = manager.newSubManager(Device.cpu());
    private final NDList inputs = new NDList();
    private final String method;
    private int groups;

    private Call(String method) {
      this.method = method;
      NDArray marker = scalars.create(new Shape(0));
      marker.setName("module_method:" + method);
      inputs.add(marker);
    }

    /** Adds a tensor. */
    public Call with(NDArray array) {
      array.setName(null);
      inputs.add(array);
      return this;
    }

    /** Adds an {@code int}, declared as a tensor. */
    public Call with(long value) {
      return with(scalars.create(value));
    }

    /** Adds a {@code float}, declared as a tensor. */
    public Call with(double value) {
      return with(scalars.create(value));
    }

    /** Adds a CPU tensor of integers. */
    public Call with(long[] values) {
      return with(scalars.create(values));
    }

    /** Adds a string as a CPU tensor of its characters' codes. */
    public Call with(String text) {
      return with(text.codePoints().asLongStream().toArray());
    }

    /** Adds a {@code List[Tensor]}, which DJL cannot pass when it is empty. */
    public Call with(List<NDArray> list) {
      String name = "list" + groups++ + "[]";
      for (NDArray array : present(list, "list")) {
        add(array, name);
      }
      return this;
    }

    /** Adds a {@code Dict[str, Tensor]}, which DJL cannot pass when it is empty. */
    public Call with(Map<String, NDArray> dict) {
      String name = "dict" + groups++ + ".";
      present(dict.values(), "dict");
      dict.forEach((key, array) -> add(array, name + key));
      return this;
    }

    /**
     * Runs the method; gradients are recorded as {@link GradMode} says on this thread.
     *
     * @param owner the manager that the results attach to
     * @return the results, a tensor alone or the members of a list or tuple
     */
    public NDList run(NDManager owner) {
      TorchThread.ready();
      TorchCall event = new TorchCall();
      event.begin();
      try (scalars) {
        // The last argument keeps the call out of InferenceMode, whose tensors can never enter a
        // graph. Results attach to the first array's manager, the scope, and are then handed over.
        NDList results = IValueUtils.forward(block, inputs, true);
        results.attach(owner);
        return results;
      } finally {
        event.end();
        if (event.shouldCommit()) {
          event.method = method;
          event.program = System.identityHashCode(block);
          event.gradients = JniUtils.isGradMode();
          event.commit();
        }
      }
    }

    /** Runs a method that returns one tensor. */
    public NDArray single(NDManager owner) {
      return run(owner).singletonOrThrow();
    }

    /** Runs a method for what it does in place. */
    public void run() {
      run(scalars);
    }

    private Collection<NDArray> present(Collection<NDArray> arrays, String kind) {
      if (arrays.isEmpty()) {
        throw new IllegalArgumentException(kind + " argument of '" + method + "' is empty");
      }
      return arrays;
    }

    private void add(NDArray array, String name) {
      array.setName(name);
      inputs.add(array);
    }
  }
}
