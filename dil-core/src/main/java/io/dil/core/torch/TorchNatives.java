package io.dil.core.torch;

import ai.djl.engine.Engine;
import ai.djl.util.Utils;
import io.dil.core.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries that the engine will load, checked and completed before it does: once it has
 * loaded the wrong ones, it dies without a message.
 *
 * <p>Where {@code PYTORCH_LIBRARY_PATH} names the {@code lib} folder of a pip-installed torch, this
 * is all that a user has to say; what DJL wants beside it follows from that folder.
 *
 * @param folder the folder of libtorch
 * @param version torch's version, with its build, for instance {@code 2.7.1+cu126}
 * @param cuda whether it is a build for CUDA
 */
public record TorchNatives(Path folder, String version, boolean cuda) {
  /** The folder of libtorch. */
  public static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";

  /** Where an NVIDIA driver that is loaded shows itself on Linux. */
  public static final Path DRIVER = Path.of("/proc/driver/nvidia/version");

  /** The name that DJL gives its one CUDA build of the JNI. */
  private static final String CUDA_FLAVOR = "cu128";

  private static final Pattern VERSION = Pattern.compile("__version__ = '([^']+)'");

  /**
   * Checks what the environment says and sets, as system properties, what it leaves open. To be
   * called before the engine is first used; later calls change nothing.
   *
   * @throws InputException if the libraries are not those that the engine was built for
   */
  public static void prepare() {
    Map<String, String> missing = missing(Utils::getEnvOrSystemProperty, engineVersion());
    missing.forEach(System::setProperty);
  }

  /** Returns the libraries that the environment names, or null where DJL chooses them. */
  public static @Nullable TorchNatives named() {
    return named(Utils::getEnvOrSystemProperty);
  }

  /** Returns the torch version that the engine's native code was built for. */
  public static String engineVersion() {
    try (InputStream stream = Engine.class.getResourceAsStream("/pytorch-engine.properties")) {
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("pytorch_version", "unknown");
    } catch (IOException | NullPointerException e) {
      return "unknown";
    }
  }

  private static @Nullable TorchNatives named(Function<String, @Nullable String> environment) {
    String place = environment.apply(LIBRARY_PATH);
    if (place == null || place.isBlank()) {
      return null;
    }
    Path folder = Path.of(place);
    if (!Files.exists(folder.resolve(System.mapLibraryName("torch_cpu")))) {
      throw new InputException(
          LIBRARY_PATH
              + " must be the lib folder of a torch "
              + engineVersion()
              + ", which holds "
              + System.mapLibraryName("torch_cpu")
              + ", got "
              + folder);
    }
    return new TorchNatives(
        folder, version(folder), Files.exists(folder.resolve(System.mapLibraryName("torch_cuda"))));
  }

  private static String version(Path folder) {
    Path file = folder.resolveSibling("version.py");
    try {
      Matcher found = VERSION.matcher(Files.exists(file) ? Files.readString(file) : "");
      return found.find() ? found.group(1) : "unknown";
    } catch (IOException e) {
      return "unknown";
    }
  }

  static Map<String, String> missing(
      Function<String, @Nullable String> environment, String engine) {
    Map<String, String> missing = new LinkedHashMap<>();
    TorchNatives natives = named(environment);
    if (natives == null) {
      return missing;
    }
    natives.require(engine, environment);
    String flavor = environment.apply("PYTORCH_FLAVOR");
    if (flavor == null) {
      flavor = natives.cuda() ? CUDA_FLAVOR : "cpu";
      missing.put("PYTORCH_FLAVOR", flavor);
    }
    if (environment.apply("PYTORCH_VERSION") == null) {
      missing.put("PYTORCH_VERSION", engine);
    }
    if (flavor.startsWith("cu")) {
      // The tokenizers library would download a CUDA build of itself, which tokenises no faster.
      if (environment.apply("RUST_FLAVOR") == null) {
        missing.put("RUST_FLAVOR", "cpu");
      }
      // Where pip put the CUDA runtime, by which DJL counts the GPUs.
      Path runtime = natives.folder().resolve("../../nvidia/cuda_runtime/lib").normalize();
      if (Files.isDirectory(runtime) && environment.apply("jna.library.path") == null) {
        missing.put("jna.library.path", runtime.toString());
      }
    }
    return missing;
  }

  private void require(String engine, Function<String, @Nullable String> environment) {
    String said = environment.apply("PYTORCH_VERSION");
    String found = version.replaceFirst("\\+.*", "");
    if (!found.equals("unknown") && !found.equals(engine)) {
      throw new InputException(
          LIBRARY_PATH
              + ": torch must be "
              + engine
              + ", which the engine was built for, got "
              + version
              + " in "
              + folder
              + "; pip install torch=="
              + engine);
    }
    if (said != null && !said.equals(engine)) {
      throw new InputException("PYTORCH_VERSION must be " + engine + ", got " + said);
    }
    String flavor = environment.apply("PYTORCH_FLAVOR");
    if (flavor != null && flavor.startsWith("cu") && !cuda) {
      throw new InputException(
          "PYTORCH_FLAVOR is "
              + flavor
              + ", but "
              + folder
              + " holds no CUDA build of torch; install one, or set PYTORCH_FLAVOR=cpu");
    }
    if (flavor != null && flavor.startsWith("cu") && !flavor.equals(CUDA_FLAVOR)) {
      throw new InputException("PYTORCH_FLAVOR must be cpu or " + CUDA_FLAVOR + ", got " + flavor);
    }
  }
}
