package io.dil.train.rank;

import ai.djl.Device;
import io.dil.core.Hashes;
import io.dil.core.InputException;
import io.dil.core.collective.Collectives;
import io.dil.core.collective.HostLink;
import io.dil.core.collective.Mpi;
import io.dil.core.collective.MpiCollectives;
import io.dil.core.collective.Nccl;
import io.dil.core.collective.NcclCollectives;
import io.dil.core.torch.TorchNatives;
import io.dil.data.stream.DataShare;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The processes that a launcher started for one run, seen from one of them: what they agree on
 * before they train, and how all end where one fails.
 */
public final class Cluster implements AutoCloseable {
  private static final Cluster ALONE = new Cluster(Launch.of(Map.of()), null);

  private final Launch launch;
  // Null where there is one process.
  private final @Nullable HostLink link;
  private @Nullable Collectives group;

  private Cluster(Launch launch, @Nullable HostLink link) {
    this.launch = launch;
    this.link = link;
  }

  /** An error that all processes have met together, so that each can end in order. */
  public static final class AgreedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient InputException error;

    AgreedException(String message) {
      super(message);
      error = InputException.of(message.lines().toList());
    }

    /** Returns the error as a process that is alone would meet it. */
    public InputException error() {
      return error;
    }
  }

  /** Returns the process that is alone. */
  public static Cluster alone() {
    return ALONE;
  }

  /**
   * Joins the other processes.
   *
   * @throws InputException if there is no library that reaches them, or it sees others than the
   *     launcher's variables say
   */
  public static Cluster join(Launch launch) {
    if (!launch.isShared()) {
      return ALONE;
    }
    Map<String, String> variables = System.getenv();
    if (launch.kind() == Launch.Kind.TORCHRUN && Rendezvous.isNamed(variables)) {
      return new Cluster(launch, Rendezvous.meet(launch, variables));
    }
    Mpi mpi = Mpi.join(variables.getOrDefault(Mpi.LIBRARY, ""), launch.kind() == Launch.Kind.MPICH);
    if (mpi.size() != launch.size() || mpi.rank() != launch.rank()) {
      throw new InputException(
          "by "
              + launch.launcher()
              + " this is rank "
              + launch.rank()
              + " of "
              + launch.size()
              + ", but "
              + mpi.name()
              + " sees rank "
              + mpi.rank()
              + " of "
              + mpi.size()
              + "; start dil with that library's own mpirun or with srun --mpi, name the launcher's"
              + " library in "
              + Mpi.LIBRARY
              + ", or unset the variables for a run of one process");
    }
    return new Cluster(launch, mpi);
  }

  /** Returns where this process stands. */
  public Launch launch() {
    return launch;
  }

  /** Returns whether there are other processes. */
  public boolean isShared() {
    return launch.isShared();
  }

  /** Returns whether this process writes and shows. */
  public boolean leads() {
    return launch.leads();
  }

  /** Returns the number of processes. */
  public int size() {
    return launch.size();
  }

  /**
   * Returns what ranks with tensors on {@code device} do together; closed with the cluster.
   *
   * @throws InputException if nothing that is there moves such tensors
   */
  Collectives group(Device device) {
    Collectives known = group;
    if (known == null) {
      known = link == null ? Collectives.alone() : group(link, device);
      group = known;
    }
    return known;
  }

  private Collectives group(HostLink link, Device device) {
    if (device.isGpu()) {
      TorchNatives torch = TorchNatives.named();
      String library = System.getenv().getOrDefault(Nccl.LIBRARY, "");
      Nccl nccl = Nccl.load(library, torch == null ? null : torch.folder());
      requireSame(Map.of("the version of NCCL", nccl.name()));
      return new NcclCollectives(nccl, link, device);
    }
    if (link instanceof Mpi mpi) {
      return new MpiCollectives(mpi);
    }
    throw new InputException(
        "ranks on the processor need MPI, which "
            + launch.launcher()
            + " do not start; use mpirun or srun --mpi, or cards");
  }

  /**
   * Returns the share of a stream's rows that this process works on.
   *
   * @param hash of the data's contents, which one process has computed
   */
  public DataShare dataShare(String hash) {
    HostLink joined = link;
    return joined == null
        ? DataShare.ALL
        : new DataShare(launch.rank(), launch.size(), joined::gather, hash);
  }

  /** Returns this process's name in messages. */
  public String name() {
    return name(launch.rank(), machine());
  }

  private String name(int rank, String machine) {
    return "rank " + rank + " of " + launch.size() + " (" + machine + ")";
  }

  private static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown machine";
    }
  }

  /**
   * Runs {@code work}, in which ranks do nothing together, on every rank.
   *
   * @throws AgreedException on all ranks if it fails on one; it says on which
   */
  public <T> T agree(Supplier<T> work) {
    if (!isShared()) {
      return work.get();
    }
    T result = null;
    InputException problem = null;
    try {
      result = work.get();
    } catch (InputException e) {
      problem = e;
    }
    List<String> problems = gather(problem == null ? "" : String.valueOf(problem.getMessage()));
    Set<String> different = new LinkedHashSet<>(problems);
    if (!different.equals(Set.of(""))) {
      if (different.size() == 1) {
        throw new AgreedException(problems.get(0));
      }
      List<String> machines = gather(machine());
      List<String> named = new ArrayList<>();
      for (int r = 0; r < problems.size(); r++) {
        if (!problems.get(r).isEmpty()) {
          named.add(name(r, machines.get(r)) + ": " + problems.get(r));
        }
      }
      int more = named.size() - 4;
      throw new AgreedException(
          String.join("; ", named.subList(0, Math.min(4, named.size())))
              + (more > 0 ? "; and " + more + " more" : ""));
    }
    if (result == null) {
      throw new IllegalStateException("work that ranks agree on must return something");
    }
    return result;
  }

  /** Returns rank 0's text on every rank. */
  public String ofLeader(String own) {
    return gather(launch.leads() ? own : "").get(0);
  }

  /** Returns whether {@code own} is true on a rank. */
  public boolean any(boolean own) {
    return gather(own ? "stop" : "").contains("stop");
  }

  /** Returns the smallest of all ranks' numbers. */
  public long least(long own) {
    return gather(String.valueOf(own)).stream().mapToLong(Long::parseLong).min().orElse(own);
  }

  /**
   * Refuses ranks that do not begin the same run.
   *
   * @param parts what decides on the run, by name; a rank may leave out what it has not looked at
   * @throws AgreedException on all ranks, naming the first rank and what differs there
   */
  public void requireSame(Map<String, String> parts) {
    Map<String, String> sorted = new TreeMap<>(parts);
    if (new TreeSet<>(gather(Hashes.hex(sorted.toString()))).size() == 1) {
      return;
    }
    List<String> machines = gather(machine());
    List<Map<String, String>> all = new ArrayList<>();
    gather(text(sorted)).forEach(text -> all.add(parts(text)));
    for (int r = 1; r < all.size(); r++) {
      String difference = difference(all.get(0), all.get(r));
      if (!difference.isEmpty()) {
        throw new AgreedException(
            name(r, machines.get(r)) + " must begin the run that rank 0 begins, but " + difference);
      }
    }
  }

  /** Says what differs first; empty where nothing does that both have. */
  static String difference(Map<String, String> leader, Map<String, String> other) {
    for (Map.Entry<String, String> part : other.entrySet()) {
      String expected = leader.get(part.getKey());
      if (expected != null && !expected.equals(part.getValue())) {
        return part.getKey() + " is " + part.getValue() + " there and " + expected + " at rank 0";
      }
    }
    return "";
  }

  private static String text(Map<String, String> parts) {
    StringBuilder text = new StringBuilder();
    parts.forEach((name, value) -> text.append(name).append('\1').append(value).append('\2'));
    return text.toString();
  }

  private static Map<String, String> parts(String text) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : text.split("\2", -1)) {
      int end = part.indexOf('\1');
      if (end >= 0) {
        parts.put(part.substring(0, end), part.substring(end + 1));
      }
    }
    return parts;
  }

  private List<String> gather(String own) {
    if (link == null) {
      return List.of(own);
    }
    List<String> all = new ArrayList<>();
    for (byte[] bytes : link.gather(own.getBytes(StandardCharsets.UTF_8))) {
      all.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return all;
  }

  /** Returns what the processes are joined by, for messages and comparisons. */
  public String linkName() {
    return link == null ? "nothing" : link.name();
  }

  /** Ends all ranks at once, this process included; does not return where there are others. */
  public void abort(int status) {
    if (link != null) {
      link.abort(status);
    }
  }

  /** Leaves the others; all ranks must. */
  @Override
  public void close() {
    if (group != null) {
      group.close();
    }
    if (link != null) {
      link.close();
    }
  }
}
