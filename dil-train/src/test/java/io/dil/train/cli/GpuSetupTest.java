package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.torch.TorchNatives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What doctor says of a GPU's set-up: each part that is missing, and what to do. */
class GpuSetupTest {
  @TempDir Path folder;

  @Test
  void everyMissingPartHasItsAdvice() throws IOException {
    Path driver = folder.resolve("version");
    List<String> bare = new GpuSetup(driver, null, true, List.of()).lines();
    assertTrue(bare.get(0).startsWith("driver: missing; install NVIDIA's"), bare::toString);
    assertTrue(bare.get(1).contains("set DIL_DEVICE=cuda"), bare::toString);
    assertTrue(bare.get(1).contains("torch==" + TorchNatives.engineVersion()), bare::toString);
    assertTrue(bare.get(2).startsWith("cudart: missing"), bare::toString);

    Files.writeString(driver, "NVRM version: NVIDIA 550.54\nGCC version 12\n");
    TorchNatives cpu = new TorchNatives(folder, "2.7.1+cpu", false);
    List<String> wrong = new GpuSetup(driver, cpu, false, List.of(folder)).lines();
    assertEquals("driver: NVRM version: NVIDIA 550.54", wrong.get(0));
    assertTrue(wrong.get(1).contains("holds a build for CPUs"), wrong::toString);
    assertTrue(wrong.get(2).startsWith("cudart: missing"), wrong::toString);

    Files.createFile(folder.resolve("libcudart.so.12"));
    TorchNatives cuda = new TorchNatives(folder, "2.7.1+cu126", true);
    List<String> whole = new GpuSetup(driver, cuda, false, List.of(folder)).lines();
    assertEquals("libtorch: 2.7.1+cu126 for CUDA in " + folder, whole.get(1));
    assertEquals("cudart: in " + folder, whole.get(2));
    assertTrue(
        new GpuSetup(driver, null, false, List.of()).lines().get(1).contains("DJL downloads"));
  }
}
