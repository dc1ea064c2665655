package io.dil.core.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dil.core.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which libraries ranks are joined by, as far as that can be seen without a second process. */
class LibrariesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "OPEN_MPI; Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4",
        "OPEN_MPI; Open MPI v5.0.3, package: Open MPI root@host",
        "MPICH; MPICH Version: 4.0.2",
        "MPICH; Intel(R) MPI Library 2021.11 for Linux* OS",
        "MPICH; MVAPICH2 Version : 2.3.7",
        "MPICH; MPI VERSION : CRAY MPICH version 8.1.27",
      })
  void aLibraryIsKnownByWhatItSays(MpiAbi abi, String version) {
    assertEquals(abi, Mpi.abi(version, "libmpi.so"));
  }

  @ParameterizedTest
  @CsvSource({"Open MPI v3.1.6", "Open MPI v1.10", "HPE MPT 2.25", "IBM Spectrum MPI 10.4"})
  void anotherIsRefused(String version) {
    InputException error = assertThrows(InputException.class, () -> Mpi.abi(version, "libmpi.so"));
    assertTrue(error.getMessage().contains("got '" + version + "'"), error::getMessage);
  }

  @ParameterizedTest
  @CsvSource({"22602, 2.26.2", "21003, 2.10.3", "2708, 2.7.8"})
  void versionsOfNcclAreRead(int code, String version) {
    assertEquals(version, Nccl.version(code));
  }

  @Test
  void aLibraryThatIsNotNcclIsSaid() {
    InputException error =
        assertThrows(InputException.class, () -> Nccl.load("libnowhere.so", null));
    assertTrue(error.getMessage().contains("none of libnowhere.so can be loaded"));
  }

  /** Without a card this is as far as NCCL goes. */
  @Test
  void ncclMakesAnIdOfItsOwnEachTime() {
    String library = System.getenv().getOrDefault(Nccl.LIBRARY, "");
    assumeTrue(!library.isEmpty(), "skipped: " + Nccl.LIBRARY + " names no library");
    Nccl nccl = Nccl.load(library, null);
    byte[] one = nccl.newId();
    byte[] other = nccl.newId();
    assertEquals(128, one.length);
    assertTrue(!java.util.Arrays.equals(one, other));
  }
}
