package io.dil.train.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a process stands, by the variables that each launcher sets. */
class LaunchTest {
  private static Map<String, String> variables(String text) {
    Map<String, String> variables = new HashMap<>();
    for (String part : text.split(" ", -1)) {
      int end = part.indexOf('=');
      variables.put(part.substring(0, end), part.substring(end + 1));
    }
    return variables;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "OPEN_MPI; 5; 8; 1; 4; OMPI_COMM_WORLD_RANK=5 OMPI_COMM_WORLD_SIZE=8"
            + " OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=4",
        // mpirun within a Slurm job, whose own step is that of mpirun's daemons.
        "OPEN_MPI; 1; 2; 1; 2; OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2"
            + " OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2 SLURM_PROCID=0"
            + " SLURM_STEP_NUM_TASKS=1 SLURM_LOCALID=0",
        "MPICH; 2; 3; 2; 3; PMI_RANK=2 PMI_SIZE=3 MPI_LOCALRANKID=2 MPI_LOCALNRANKS=3",
        "SLURM; 6; 9; 2; 4; SLURM_PROCID=6 SLURM_STEP_NUM_TASKS=9 SLURM_LOCALID=2 SLURM_NODEID=1"
            + " SLURM_STEP_TASKS_PER_NODE=4(x2),1 SLURM_NTASKS=9 PMI_RANK=6 PMI_SIZE=9",
        "SLURM; 8; 9; 0; 1; SLURM_PROCID=8 SLURM_STEP_NUM_TASKS=9 SLURM_LOCALID=0 SLURM_NODEID=2"
            + " SLURM_STEP_TASKS_PER_NODE=4(x2),1",
        "TORCHRUN; 3; 4; 1; 2; RANK=3 WORLD_SIZE=4 LOCAL_RANK=1 LOCAL_WORLD_SIZE=2",
        // A PyTorchJob of one process a machine says no more than this.
        "TORCHRUN; 3; 4; 0; 1; RANK=3 WORLD_SIZE=4",
      })
  void everyLauncherSaysWhereARankStands(
      Launch.Kind kind, int rank, int size, int localRank, int localSize, String variables) {
    Launch launch = Launch.of(variables(variables));
    assertEquals(kind, launch.kind());
    assertEquals(rank, launch.rank());
    assertEquals(size, launch.size());
    assertEquals(localRank, launch.localRank());
    assertEquals(localSize, launch.localSize());
    assertTrue(launch.isShared());
    assertEquals(rank == 0, launch.leads());
  }

  @ParameterizedTest
  @CsvSource({
    "PATH=/bin",
    // A batch script is no task, though it knows of the tasks to come.
    "SLURM_PROCID=0 SLURM_NTASKS=8 SLURM_LOCALID=0 SLURM_JOB_ID=7",
    "OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1",
    "RANK=0 WORLD_SIZE=1 LOCAL_RANK=0",
    "WORLD_SIZE=1",
  })
  void oneProcessIsAlone(String variables) {
    Launch launch = Launch.of(variables(variables));
    assertFalse(launch.isShared());
    assertTrue(launch.leads());
    assertEquals(1, launch.size());
  }

  @Test
  void variablesThatDoNotFitAreSaid() {
    refused("WORLD_SIZE=2", "WORLD_SIZE is 2, but RANK is not set");
    refused("WORLD_SIZE=2 RANK=2", "RANK must be below WORLD_SIZE, got 2 of 2");
    refused("WORLD_SIZE=two RANK=0", "WORLD_SIZE must be a number from 0 on, got 'two'");
    refused("WORLD_SIZE=0 RANK=0", "RANK must be below WORLD_SIZE, got 0 of 0");
  }

  private static void refused(String variables, String part) {
    InputException error =
        assertThrows(InputException.class, () -> Launch.of(variables(variables)));
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }
}
