package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.train.fault.FaultCases;
import io.dil.train.fault.FaultyProvider;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Writes, reads and answers that fail, kills and flipped bits, over a small run: what was made is
 * kept, and the same command ends with the bytes of an undisturbed run.
 */
class FaultTest {
  @TempDir Path folder;

  /** A few places of each kind; they move over all of them as code changes. */
  @ParameterizedTest
  @CsvSource({
    "WRITE,7,131,6",
    "FULL,60,211,4",
    "READ,2,23,4",
    "KILL,11,97,8",
    "FLIP,0,1,6",
    "NETWORK,1,9,7"
  })
  void aFewPlaces(String kind, long from, long stride, long most) throws Exception {
    cases(kind, from, stride, most);
  }

  /** Several hundred places: {@code mvn verify -Pslow -Dtest=FaultTest}, about half an hour. */
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "WRITE,1,5,1000",
    "FULL,1,11,1000",
    "READ,1,1,1000",
    "KILL,1,3,1000",
    "FLIP,0,1,80",
    "NETWORK,0,1,1000",
    "AWAY,0,1,5"
  })
  void allPlaces(String kind, long from, long stride, long most) throws Exception {
    cases(kind, from, stride, most);
  }

  private void cases(String kind, long from, long stride, long most) throws Exception {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Djava.nio.file.spi.DefaultFileSystemProvider=" + FaultyProvider.class.getName(),
                "-cp",
                path,
                FaultCases.class.getName(),
                folder.resolve("work").toString(),
                kind,
                "" + from,
                "" + stride,
                "" + most));
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    builder.environment().put("HF_ENDPOINT", "http://127.0.0.1:" + freePort());
    builder.environment().put("HF_HUB_CACHE", folder.resolve("hub").toString());
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertEquals(0, process.waitFor(), Files.readString(log));
    String said = Files.readString(log);
    assertTrue(said.contains("failed: 0"), said);
    said.lines().filter(line -> line.startsWith("cases ")).forEach(System.out::println);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
