package io.dil.core.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a torch that pip installed, before the engine loads it. */
class TorchNativesTest {
  @TempDir Path site;

  private final Map<String, String> environment = new HashMap<>();

  private Path torch(String version, boolean cuda) throws IOException {
    Path lib = Files.createDirectories(site.resolve("torch/lib"));
    Files.writeString(site.resolve("torch/version.py"), "__version__ = '" + version + "'\n");
    Files.createFile(lib.resolve(System.mapLibraryName("torch_cpu")));
    if (cuda) {
      Files.createFile(lib.resolve(System.mapLibraryName("torch_cuda")));
      Files.createDirectories(site.resolve("nvidia/cuda_runtime/lib"));
    }
    environment.put(TorchNatives.LIBRARY_PATH, lib.toString());
    return lib;
  }

  private Map<String, String> missing() {
    return TorchNatives.missing(environment::get, "2.7.1");
  }

  private void refused(String part) {
    InputException error = assertThrows(InputException.class, this::missing);
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }

  @Test
  void withoutAFolderNothingIsSet() {
    assertEquals(Map.of(), missing());
  }

  @Test
  void theFolderIsAllThatACudaTorchNeeds() throws IOException {
    torch("2.7.1+cu126", true);
    assertEquals(
        Map.of(
            "PYTORCH_FLAVOR",
            "cu128",
            "PYTORCH_VERSION",
            "2.7.1",
            "RUST_FLAVOR",
            "cpu",
            "jna.library.path",
            site.resolve("nvidia/cuda_runtime/lib").toString()),
        missing());
  }

  @Test
  void whatIsSetStays() throws IOException {
    torch("2.7.1", true);
    environment.put("PYTORCH_FLAVOR", "cpu");
    assertEquals(Map.of("PYTORCH_VERSION", "2.7.1"), missing());
  }

  @Test
  void aTorchForProcessorsIsOne() throws IOException {
    torch("2.7.1", false);
    assertEquals("cpu", missing().get("PYTORCH_FLAVOR"));
  }

  @Test
  void anotherTorchIsRefusedBeforeItIsLoaded() throws IOException {
    torch("2.11.0+cu130", true);
    refused("torch must be 2.7.1, which the engine was built for, got 2.11.0+cu130");
  }

  @Test
  void aCudaFlavorNeedsACudaTorch() throws IOException {
    torch("2.7.1", false);
    environment.put("PYTORCH_FLAVOR", "cu128");
    refused("holds no CUDA build of torch");
  }

  @Test
  void anotherFolderIsRefused() {
    environment.put(TorchNatives.LIBRARY_PATH, site.resolve("nowhere").toString());
    refused("must be the lib folder of a torch");
  }

  @Test
  void theEngineSaysWhatItWasBuiltFor() {
    assertTrue(TorchNatives.engineVersion().matches("\\d+\\.\\d+\\.\\d+"));
  }
}
