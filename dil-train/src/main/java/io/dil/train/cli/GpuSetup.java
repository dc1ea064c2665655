package io.dil.train.cli;

import io.dil.core.torch.TorchNatives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run on a GPU needs, each part there or missing, with what to do about it.
 *
 * @param driver where a loaded NVIDIA driver shows itself
 * @param natives the libraries that the environment names; null where DJL chooses them
 * @param cpuNatives whether libraries for processors are on the class path, which then win
 * @param places folders in which the CUDA runtime is looked for
 */
record GpuSetup(
    Path driver, @Nullable TorchNatives natives, boolean cpuNatives, List<Path> places) {
  private static final String RUNTIME = "libcudart.so";

  /** Looks at this machine. */
  static GpuSetup here() {
    List<Path> places = new ArrayList<>();
    TorchNatives named = TorchNatives.named();
    if (named != null) {
      places.add(named.folder());
      places.add(named.folder().resolve("../../nvidia/cuda_runtime/lib").normalize());
    }
    String path = System.getenv("LD_LIBRARY_PATH");
    for (String place : (path == null ? "" : path).split(":", -1)) {
      if (!place.isBlank()) {
        places.add(Path.of(place));
      }
    }
    places.add(Path.of("/usr/local/cuda/lib64"));
    places.add(Path.of("/usr/lib/x86_64-linux-gnu"));
    boolean cpu =
        GpuSetup.class.getClassLoader().getResource("native/lib/pytorch.properties") != null;
    return new GpuSetup(TorchNatives.DRIVER, named, cpu, places);
  }

  /** Returns a line for each part. */
  List<String> lines() {
    return List.of("driver: " + driverLine(), "libtorch: " + torchLine(), "cudart: " + runtime());
  }

  private String driverLine() {
    try {
      return Files.exists(driver)
          ? Files.readString(driver).lines().findFirst().orElse("there").trim()
          : "missing; install NVIDIA's, " + driver + " then exists";
    } catch (IOException e) {
      return "there, but " + driver + " cannot be read";
    }
  }

  private String torchLine() {
    String how =
        "pip install torch=="
            + TorchNatives.engineVersion()
            + " and set "
            + TorchNatives.LIBRARY_PATH
            + " to its lib folder";
    if (natives != null) {
      return natives.cuda()
          ? natives.version() + " for CUDA in " + natives.folder()
          : "missing; " + natives.folder() + " holds a build for CPUs: " + how;
    }
    return cpuNatives
        ? "missing; those for CPUs are on the class path: set DIL_DEVICE=cuda, which leaves them"
            + " out, or "
            + how
        : "DJL downloads those for CUDA at the first run, or " + how;
  }

  private String runtime() {
    for (Path place : places) {
      if (Files.isDirectory(place)) {
        try (Stream<Path> files = Files.list(place)) {
          if (files.anyMatch(file -> ("" + file.getFileName()).startsWith(RUNTIME))) {
            return "in " + place;
          }
        } catch (IOException e) {
          // Looked for in the next one.
        }
      }
    }
    return natives == null && !cpuNatives
        ? "not found; DJL's download brings it"
        : "missing; it comes with pip's torch, or set LD_LIBRARY_PATH to the folder of " + RUNTIME;
  }
}
