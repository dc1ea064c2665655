package io.dil.core.torch;

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
  private final PtSymbolBlock block;

  private TorchProgram(PtSymbolBlock block) {
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
    // The profiling executor compiles a graph anew for every new shape; batches differ in shape.
    JniUtils.setGraphExecutorOptimize(false);
    try (InputStream stream = new ByteArrayInputStream(archive)) {
      return new TorchProgram(JniUtils.loadModule((PtNDManager) manager, stream, false, false));
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
   * The arguments of one call. DJL tells lists, dicts and single tensors apart by the arrays'
   * names.
   */
  public final class Call {
    private final NDList inputs = new NDList();
    private final String method;
    private int groups;

    private Call(String method) {
      this.method = method;
    }

    /** Adds a tensor. */
    public Call with(NDArray array) {
      array.setName(null);
      inputs.add(array);
      return this;
    }

    /** Adds a {@code List[Tensor]}, which DJL cannot pass when it is empty. */
    public Call with(List<NDArray> list) {
      if (list.isEmpty()) {
        throw new IllegalArgumentException("list argument of '" + method + "' is empty");
      }
      String name = "list" + groups++ + "[]";
      for (NDArray array : list) {
        // A tensor may stand in two arguments of one call, so each gets a name of its own.
        inputs.add(named(array, name));
      }
      return this;
    }

    /** Adds a {@code Dict[str, Tensor]}, which DJL cannot pass when it is empty. */
    public Call with(Map<String, NDArray> dict) {
      if (dict.isEmpty()) {
        throw new IllegalArgumentException("dict argument of '" + method + "' is empty");
      }
      String name = "dict" + groups++ + ".";
      dict.forEach((key, array) -> inputs.add(named(array, name + key)));
      return this;
    }

    /**
     * Runs the method; gradients are recorded as {@link GradMode} says on this thread.
     *
     * @param owner the manager that the results attach to
     * @return the results, a tensor alone or the members of a list or tuple
     */
    public NDList run(NDManager owner) {
      try (NDManager scope = owner.newSubManager()) {
        NDArray marker = scope.create(new Shape(0));
        marker.setName("module_method:" + method);
        NDList arguments = new NDList(marker);
        arguments.addAll(inputs);
        // The last argument keeps the call out of InferenceMode, whose tensors can never enter a
        // graph. Results attach to the first array's manager, the scope, and are then handed over.
        NDList results = IValueUtils.forward(block, arguments, true);
        results.attach(owner);
        return results;
      }
    }

    /** Runs a method that returns one tensor. */
    public NDArray single(NDManager owner) {
      return run(owner).singletonOrThrow();
    }

    private static NDArray named(NDArray array, String name) {
      array.setName(name);
      return array;
    }
  }
}
