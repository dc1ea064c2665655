package io.dil.core.collective;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.dil.core.InputException;
import io.dil.core.collective.MpiAbi.Constant;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of an MPI library that ranks need, called where the library lies: no wrapper has to
 * be built. Which library it is, and whether its types have the sizes that are taken for granted,
 * is looked at before the first call that could go wrong.
 *
 * <p>Source: the MPI standard 3.1. One thread at a time may call.
 */
public final class Mpi implements HostLink {
  /** The variable that names the library, where it is not on the loader's path. */
  public static final String LIBRARY = "DIL_MPI_LIBRARY";

  private static final List<String> OPEN_MPI = List.of("libmpi.so.40", "libmpi.so", "libmpi.dylib");
  private static final List<String> MPICH = List.of("libmpi.so.12", "libmpich.so.12");

  /** A call by one thread at a time, any thread. */
  private static final int SERIALIZED = 2;

  private final NativeLibrary library;
  private final String version;
  private final MpiAbi abi;
  private final long world;
  private final long bytes;
  private final int rank;
  private final int size;
  private final Map<String, Function> functions = new HashMap<>();
  private final Map<Long, Memory> rowTypes = new HashMap<>();

  private Mpi(NativeLibrary library) {
    this.library = library;
    version = version(library);
    abi = abi(version, library.getName());
    world = abi.handle(library, Constant.WORLD);
    bytes = abi.handle(library, Constant.BYTE);
    Memory provided = new Memory(Integer.BYTES);
    call("MPI_Init_thread", Pointer.NULL, Pointer.NULL, SERIALIZED, provided);
    call("MPI_Comm_set_errhandler", world, abi.handle(library, Constant.ERRORS_RETURN));
    if (provided.getInt(0) < SERIALIZED) {
      throw new InputException(
          name() + ": must let any thread call it, got thread level " + provided.getInt(0));
    }
    requireSize(Constant.BYTE, 1);
    requireSize(Constant.DOUBLE, Double.BYTES);
    rank = number("MPI_Comm_rank", world);
    size = number("MPI_Comm_size", world);
  }

  /**
   * Loads the library and joins the job that this process was started in.
   *
   * @param named the library; empty to look for it
   * @param mpich whether MPICH is looked for before Open MPI
   * @throws InputException if there is none, or it is one of another kind
   */
  public static Mpi join(String named, boolean mpich) {
    List<String> names = new ArrayList<>(mpich ? MPICH : OPEN_MPI);
    names.addAll(mpich ? OPEN_MPI : MPICH);
    return new Mpi(load(named.isBlank() ? names : List.of(named)));
  }

  private static NativeLibrary load(List<String> names) {
    List<String> reasons = new ArrayList<>();
    for (String name : names) {
      try {
        return NativeLibrary.getInstance(name);
      } catch (UnsatisfiedLinkError e) {
        reasons.add(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      }
    }
    throw new InputException(
        "several ranks need an MPI library, and none of "
            + String.join(", ", names)
            + " can be loaded ("
            + reasons.get(0)
            + "); install Open MPI or MPICH, or set "
            + LIBRARY
            + " to the library's path");
  }

  private static String version(NativeLibrary library) {
    // Room for MPI_MAX_LIBRARY_VERSION_STRING of every implementation: 256 and 8192.
    Memory text = new Memory(8192);
    Memory length = new Memory(Integer.BYTES);
    try {
      library.getFunction("MPI_Get_library_version").invokeInt(new Object[] {text, length});
    } catch (UnsatisfiedLinkError e) {
      throw new InputException(
          library.getName() + ": must be an MPI library of version 3 or newer, got none", e);
    }
    return text.getString(0, StandardCharsets.UTF_8.name()).trim();
  }

  /** Returns which family a library is of by what it says of itself. */
  static MpiAbi abi(String version, String library) {
    String text = version.toLowerCase(Locale.ROOT);
    if (text.startsWith("open mpi v4.") || text.startsWith("open mpi v5.")) {
      return MpiAbi.OPEN_MPI;
    }
    if (text.contains("mpich") || text.contains("intel(r) mpi") || text.contains("mvapich")) {
      return MpiAbi.MPICH;
    }
    throw new InputException(
        library
            + ": must be Open MPI 4 or 5, or an MPI with MPICH's ABI, got '"
            + version.lines().findFirst().orElse("")
            + "'");
  }

  private void requireSize(Constant type, int expected) {
    int found = number("MPI_Type_size", abi.handle(library, type));
    if (found != expected) {
      throw new InputException(
          name()
              + ": MPI_"
              + type
              + " must have "
              + expected
              + " bytes, got "
              + found
              + "; the library is not the one that its version says");
    }
  }

  @Override
  public String name() {
    String first = version.lines().findFirst().orElse(version).replaceAll("\\s+", " ");
    int end = first.indexOf(',');
    return end < 0 ? first : first.substring(0, end);
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void abort(int status) {
    function("MPI_Abort").invokeInt(new Object[] {world, status});
  }

  @Override
  public byte[][] gather(byte[] mine) {
    Memory lengths = new Memory((long) size * Integer.BYTES);
    lengths.setInt((long) rank * Integer.BYTES, mine.length);
    call("MPI_Allgather", abi.inPlace(), 0, bytes, lengths, Integer.BYTES, bytes, world);
    int[] counts = lengths.getIntArray(0, size);
    int[] starts = starts(counts);
    int total = starts[size - 1] + counts[size - 1];
    byte[][] all = new byte[size][];
    try (Memory buffer = new Memory(Math.max(1, total))) {
      buffer.write(starts[rank], mine, 0, mine.length);
      call("MPI_Allgatherv", abi.inPlace(), 0, bytes, buffer, counts, starts, bytes, world);
      for (int r = 0; r < size; r++) {
        all[r] = buffer.getByteArray(starts[r], counts[r]);
      }
    }
    return all;
  }

  private static int[] starts(int[] counts) {
    int[] starts = new int[counts.length];
    for (int r = 1; r < counts.length; r++) {
      starts[r] = Math.addExact(starts[r - 1], counts[r - 1]);
    }
    return starts;
  }

  /** Fills memory in which every rank has its rows; counts and starts are in rows. */
  void allGather(Pointer memory, int[] counts, int[] starts, long rowBytes) {
    long row = rowType(rowBytes);
    call("MPI_Allgatherv", abi.inPlace(), 0, row, memory, counts, starts, row, world);
  }

  /** Sends every rank its rows and receives those for this one; counts and starts are in rows. */
  void exchange(
      @Nullable Pointer from,
      int[] sent,
      int[] sentStarts,
      @Nullable Pointer to,
      int[] taken,
      int[] takenStarts,
      long rowBytes) {
    long row = rowType(rowBytes);
    call("MPI_Alltoallv", from, sent, sentStarts, row, to, taken, takenStarts, row, world);
  }

  /** Replaces memory by that of rank {@code root}. */
  void broadcast(Pointer memory, long count, int root) {
    inParts(count, (at, some) -> call("MPI_Bcast", memory.share(at), some, bytes, root, world));
  }

  /** Sends memory to a rank that receives as many bytes. */
  void send(Pointer memory, long count, int to) {
    inParts(count, (at, some) -> call("MPI_Send", memory.share(at), some, bytes, to, 0, world));
  }

  /** Receives memory from a rank. */
  void receive(Pointer memory, long count, int from) {
    // What MPI_STATUS_IGNORE is differs, room for a status does not.
    try (Memory status = new Memory(64)) {
      inParts(
          count,
          (at, some) -> call("MPI_Recv", memory.share(at), some, bytes, from, 0, world, status));
    }
  }

  /** What is done with a part of memory that is longer than a count of MPI. */
  private interface Part {
    void move(long at, int count);
  }

  private static void inParts(long count, Part part) {
    for (long at = 0; at < count; at += 1 << 30) {
      part.move(at, (int) Math.min(1 << 30, count - at));
    }
  }

  // Counts are 32 bits wide. Of rows there are fewer than of bytes.
  private long rowType(long rowBytes) {
    return abi.read(
        rowTypes.computeIfAbsent(
            rowBytes,
            size -> {
              Memory made = abi.newHandle();
              call("MPI_Type_contiguous", Math.toIntExact(size), bytes, made);
              call("MPI_Type_commit", made);
              return made;
            }));
  }

  private int number(String name, long of) {
    Memory result = new Memory(Integer.BYTES);
    call(name, of, result);
    return result.getInt(0);
  }

  private void call(String name, @Nullable Object... arguments) {
    int code = function(name).invokeInt(arguments);
    if (code != 0) {
      Memory text = new Memory(8192);
      Memory length = new Memory(Integer.BYTES);
      function("MPI_Error_string").invokeInt(new Object[] {code, text, length});
      throw new IllegalStateException(name + " failed: " + text.getString(0));
    }
  }

  private Function function(String name) {
    return functions.computeIfAbsent(name, library::getFunction);
  }

  @Override
  public void close() {
    rowTypes.values().forEach(type -> call("MPI_Type_free", type));
    call("MPI_Finalize");
  }
}
