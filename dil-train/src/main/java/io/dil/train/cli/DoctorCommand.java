package io.dil.train.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.FreeMemory;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchNatives;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code dil doctor}: what works on this machine, and what to do about what does not. */
@Command(
    name = "doctor",
    description = "Show what works on this machine, and what to do about what does not.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Runtime runtime = Runtime.getRuntime();
    line(out, "java", Runtime.version() + " on " + property("os.name") + " " + property("os.arch"));
    line(out, "cores", String.valueOf(runtime.availableProcessors()));
    line(out, "memory", memory(runtime));
    boolean fine = check(out, "natives", DoctorCommand::natives, "see the README on GPUs");
    fine = fine && check(out, "engine", DoctorCommand::engine, "run ./dil again while online");
    if (fine) {
      fine = check(out, "programs", DoctorCommand::programs, "the natives do not fit the engine");
      int gpus = Engine.getEngine("PyTorch").getGpuCount();
      if (gpus > 0) {
        fine &= check(out, "gpu", () -> gpu(gpus), "compare the driver with the natives' CUDA");
      } else {
        line(out, "gpu", "none that the engine sees; a run on one needs");
        GpuSetup.here().lines().forEach(text -> line(out, "", text));
        fine = !Files.exists(TorchNatives.DRIVER);
      }
    }
    out.println(fine ? "everything that is needed works" : "something that is needed fails");
    out.flush();
    return fine ? Dil.OK : Dil.FAILURE;
  }

  private static String memory(Runtime runtime) {
    String heap = gib(runtime.maxMemory()) + " of Java heap";
    OptionalLong free = FreeMemory.ofHost();
    return free.isPresent()
        ? gib(free.getAsLong()) + " free for models, " + heap
        : heap + "; models live outside of it";
  }

  private static String engine() {
    Engine engine = Engine.getEngine("PyTorch");
    return "PyTorch " + engine.getVersion() + " through DJL " + Engine.getDjlVersion();
  }

  private static String programs() {
    return tried(Device.cpu()) + " with float32 and bfloat16 on the CPU";
  }

  private static String gpu(int count) {
    return tried(Device.gpu(0)) + " on " + count + " GPU(s)";
  }

  private static String tried(Device device) {
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        Kernels kernels = new Kernels(manager);
        NDArray ones = manager.ones(new Shape(4));
        NDArray half = kernels.cast(manager, ones, StorageType.BF16);
        NDArray back = kernels.cast(manager, half, StorageType.F32)) {
      if (!kernels.equal(ones, back)) {
        throw new IllegalStateException("a cast to bfloat16 and back changed 1");
      }
      return "compile and run";
    }
  }

  private static String natives() {
    TorchNatives.prepare();
    TorchNatives named = TorchNatives.named();
    return named == null
        ? "those on the class path or DJL's own download"
        : "torch "
            + named.version()
            + (named.cuda() ? " for CUDA in " : " for CPUs in ")
            + named.folder();
  }

  private static boolean check(PrintWriter out, String name, Supplier<String> test, String advice) {
    try {
      line(out, name, test.get());
      return true;
    } catch (RuntimeException | UnsatisfiedLinkError e) {
      line(out, name, "FAILS: " + e.getMessage() + "; " + advice);
      return false;
    }
  }

  private static void line(PrintWriter out, String name, String text) {
    out.printf("%-9s %s%n", name, text);
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }
}
