package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.InputException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesTest {
  private static final Path NO_DRIVER = Path.of("no-such-driver");
  private static final Path DRIVER = Path.of(".");

  @Test
  void namesDevices() {
    assertEquals(Device.cpu(), Devices.of("auto", 0, NO_DRIVER));
    assertEquals(Device.gpu(0), Devices.of("auto", 2, DRIVER));
    assertEquals(Device.gpu(1), Devices.of("cuda:1", 2, DRIVER));
    assertEquals(List.of(Device.gpu(0), Device.gpu(1)), Devices.of("2", "auto", 4, DRIVER));
    assertEquals(
        List.of(Device.gpu(2), Device.gpu(0)), Devices.of("cuda:2, cuda:0", "auto", 4, DRIVER));
    assertEquals(List.of(Device.cpu(), Device.cpu()), Devices.of("cpux2", "auto", 4, DRIVER));
    assertEquals(List.of(Device.cpu()), Devices.of("1", "auto", 0, NO_DRIVER));
  }

  @Test
  void aDriverWithoutAnEngineIsNotPassedOver() {
    InputException error = assertThrows(InputException.class, () -> Devices.of("auto", 0, DRIVER));
    assertTrue(error.getMessage().contains("found an NVIDIA driver"), error::getMessage);
    assertEquals(Device.cpu(), Devices.of("cpu", 0, DRIVER));
  }

  @Test
  void withoutAGpuReplicasAreNamed() {
    InputException error =
        assertThrows(InputException.class, () -> Devices.of("2", "auto", 0, NO_DRIVER));
    assertTrue(error.getMessage().contains("devices must be cpux2"), error::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "8|devices must be 1 to 4",
        "0|devices must be 1 to 4",
        "cuda:0,cuda:0|devices must differ",
        "cuda:0,cuda:4|one of 4 GPUs",
        "cuda:0,|device must be",
        "cpux0|1 to 64 replicas",
        "gpu|device must be"
      })
  void whatIsNotThereIsSaid(String devices, String part) {
    InputException error =
        assertThrows(InputException.class, () -> Devices.of(devices, "auto", 4, DRIVER));
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }
}
