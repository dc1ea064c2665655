package io.dil.train.rank;

import io.dil.core.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the process that a launcher started stands among the others, read from the variables that
 * the launcher sets.
 *
 * @param launcher the launcher, for messages
 * @param kind what started it
 * @param rank of this process, counted from 0
 * @param size the number of processes
 * @param localRank of this process on its machine
 * @param localSize the number of processes on its machine
 */
public record Launch(String launcher, Kind kind, int rank, int size, int localRank, int localSize) {
  /** What started a process. */
  public enum Kind {
    /** Nothing: one process that is alone. */
    NONE,
    /** {@code mpirun} of Open MPI, by hand, in an MPIJob or in a Slurm job. */
    OPEN_MPI,
    /** {@code mpiexec} of MPICH or of one that shares its ABI. */
    MPICH,
    /** {@code srun}. */
    SLURM,
    /** {@code torchrun}, or what sets the same variables. */
    TORCHRUN
  }

  private static final Launch ALONE = new Launch("nothing", Kind.NONE, 0, 1, 0, 1);

  // As Slurm writes the tasks of each node: 4(x2),1
  private static final Pattern TASKS = Pattern.compile("(\\d+)(?:\\(x(\\d+)\\))?");

  /** Returns where this process stands. */
  public static Launch here() {
    return of(System.getenv());
  }

  /**
   * Reads the variables of the launcher that is nearest to the process: an {@code mpirun} in a
   * Slurm job is an {@code mpirun}.
   *
   * @throws InputException if they do not fit each other
   */
  public static Launch of(Map<String, String> variables) {
    Optional<Launch> found =
        read(
            variables,
            Kind.OPEN_MPI,
            "mpirun",
            List.of(
                "OMPI_COMM_WORLD_RANK",
                "OMPI_COMM_WORLD_SIZE",
                "OMPI_COMM_WORLD_LOCAL_RANK",
                "OMPI_COMM_WORLD_LOCAL_SIZE"));
    if (found.isEmpty() && !variables.containsKey("SLURM_STEP_NUM_TASKS")) {
      found =
          read(
              variables,
              Kind.MPICH,
              "mpiexec",
              List.of("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"));
    }
    if (found.isEmpty()) {
      found = slurm(variables);
    }
    if (found.isEmpty()) {
      found =
          read(
              variables,
              Kind.TORCHRUN,
              "torchrun's variables",
              List.of("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"));
    }
    return found.filter(launch -> launch.size > 1).orElse(ALONE);
  }

  // A batch script has SLURM_NTASKS without being a task itself, so the step's variables count.
  private static Optional<Launch> slurm(Map<String, String> variables) {
    Optional<Launch> found =
        read(
            variables,
            Kind.SLURM,
            "srun",
            List.of("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", ""));
    String tasks = variables.getOrDefault("SLURM_STEP_TASKS_PER_NODE", "");
    int node = number(variables, "SLURM_NODEID", 0);
    return variables.containsKey("SLURM_STEP_NUM_TASKS")
        ? found.map(
            one ->
                new Launch(
                    one.launcher,
                    one.kind,
                    one.rank,
                    one.size,
                    one.localRank,
                    Math.max(one.localRank + 1, tasksOf(tasks, node))))
        : Optional.empty();
  }

  private static int tasksOf(String tasks, int node) {
    int first = 0;
    Matcher found = TASKS.matcher(tasks);
    while (found.find()) {
      int count = Integer.parseInt(found.group(1));
      first += found.group(2) == null ? 1 : Integer.parseInt(found.group(2));
      if (node < first) {
        return count;
      }
    }
    return 1;
  }

  private static Optional<Launch> read(
      Map<String, String> variables, Kind kind, String launcher, List<String> names) {
    String size = names.get(1);
    if (!variables.containsKey(size)) {
      return Optional.empty();
    }
    int ranks = number(variables, size, 1);
    if (ranks > 1 && !variables.containsKey(names.get(0))) {
      throw new InputException(
          size
              + " is "
              + ranks
              + ", but "
              + names.get(0)
              + " is not set; unset "
              + size
              + " for a run of one process");
    }
    int rank = number(variables, names.get(0), 0);
    if (ranks < 1 || rank >= ranks) {
      throw new InputException(
          names.get(0) + " must be below " + size + ", got " + rank + " of " + ranks);
    }
    int local = number(variables, names.get(2), 0);
    int localSize = number(variables, names.get(3), local + 1);
    return Optional.of(
        new Launch(launcher, kind, rank, ranks, local, Math.max(local + 1, localSize)));
  }

  private static int number(Map<String, String> variables, String name, int missing) {
    String value = variables.get(name);
    if (value == null || value.isBlank()) {
      return missing;
    }
    if (!value.trim().matches("\\d{1,9}")) {
      throw new InputException(name + " must be a number from 0 on, got '" + value + "'");
    }
    return Integer.parseInt(value.trim());
  }

  /** Returns whether there are other processes. */
  public boolean isShared() {
    return size > 1;
  }

  /** Returns whether this process writes and shows. */
  public boolean leads() {
    return rank == 0;
  }
}
