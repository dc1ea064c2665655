package io.dil.core.collective;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.dil.core.InputException;
import io.dil.core.checkpoint.StorageType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of NCCL that ranks need, called where the library lies. Work is queued on the
 * card's default stream, where torch's own is, so that it has its place among torch's.
 *
 * <p>Source: {@code nccl.h} of NCCL 2.26.
 */
public final class Nccl {
  /** The variable that names the library, where it is not found beside torch. */
  public static final String LIBRARY = "DIL_NCCL_LIBRARY";

  /** The first version with bfloat16 and sends between two ranks. */
  private static final int OLDEST = 21000;

  private static final int ID_BYTES = 128;
  private static final int SUM = 0;
  private static final int INT8 = 0;
  private static final Pointer DEFAULT_STREAM = Pointer.NULL;

  private final NativeLibrary library;
  private final int version;
  private final Map<String, Function> functions = new HashMap<>();
  private @Nullable Pointer communicator;

  /** {@code ncclUniqueId}, which is handed over by value. */
  @Structure.FieldOrder("internal")
  public static final class Id extends Structure implements Structure.ByValue {
    /** What only the library reads. */
    public byte[] internal = new byte[ID_BYTES];
  }

  private Nccl(NativeLibrary library) {
    this.library = library;
    IntByReference found = new IntByReference();
    call("ncclGetVersion", found);
    version = found.getValue();
    if (version < OLDEST) {
      throw new InputException(
          library.getName() + ": NCCL must be 2.10 or newer, got " + version(version));
    }
  }

  /**
   * Loads the library.
   *
   * @param named the library; empty to look for it
   * @param torch the folder of torch's libraries, which pip puts NCCL beside; null if not known
   * @throws InputException if there is none, or it is too old
   */
  public static Nccl load(String named, @Nullable Path torch) {
    List<String> names = new ArrayList<>();
    if (named.isBlank()) {
      names.add("libnccl.so.2");
      if (torch != null) {
        Path beside = torch.resolve("../../nvidia/nccl/lib/libnccl.so.2").normalize();
        if (Files.exists(beside)) {
          names.add(beside.toString());
        }
      }
    } else {
      names.add(named);
    }
    String reason = "";
    for (String name : names) {
      try {
        return new Nccl(NativeLibrary.getInstance(name));
      } catch (UnsatisfiedLinkError e) {
        reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      }
    }
    throw new InputException(
        "several cards of several processes need NCCL, and none of "
            + String.join(", ", names)
            + " can be loaded ("
            + reason
            + "); pip install nvidia-nccl-cu12, or set "
            + LIBRARY
            + " to the library's path");
  }

  static String version(int code) {
    return code < 10000
        ? code / 1000 + "." + code / 100 % 10 + "." + code % 100
        : code / 10000 + "." + code / 100 % 100 + "." + code % 100;
  }

  /** Returns the library's name and version. */
  public String name() {
    return "NCCL " + version(version);
  }

  /** Returns what one rank makes and all begin with. */
  public byte[] newId() {
    Memory id = new Memory(ID_BYTES);
    call("ncclGetUniqueId", id);
    return id.getByteArray(0, ID_BYTES);
  }

  /**
   * Begins, on all ranks at once, with the card that this thread is set to.
   *
   * @param id what rank 0 made
   */
  public void begin(byte[] id, int rank, int size) {
    Id given = new Id();
    System.arraycopy(id, 0, given.internal, 0, ID_BYTES);
    given.write();
    PointerByReference made = new PointerByReference();
    call("ncclCommInitRank", made, size, given, rank);
    communicator = made.getValue();
    IntByReference count = new IntByReference();
    call("ncclCommCount", communicator, count);
    if (count.getValue() != size) {
      throw new IllegalStateException(
          name() + " must see " + size + " ranks, got " + count.getValue());
    }
  }

  /** Sets the card that this thread's later calls are for. */
  static void setDevice(int device) {
    NativeLibrary runtime = NativeLibrary.getInstance("cudart");
    int code = runtime.getFunction("cudaSetDevice").invokeInt(new Object[] {device});
    if (code != 0) {
      throw new InputException("card cuda:" + device + " cannot be set, got CUDA error " + code);
    }
  }

  /** Queues several calls as one, so that none waits for another. */
  void group(Runnable calls) {
    call("ncclGroupStart");
    calls.run();
    call("ncclGroupEnd");
  }

  /** Sums equal parts of all ranks' arrays, each part at its owner. */
  void reduceScatter(Pointer from, Pointer to, long count, StorageType type) {
    call("ncclReduceScatter", from, to, count, code(type), SUM, communicator, DEFAULT_STREAM);
  }

  /** Sums all ranks' arrays at one. */
  void reduce(Pointer from, Pointer to, long count, StorageType type, int root) {
    call("ncclReduce", from, to, count, code(type), SUM, root, communicator, DEFAULT_STREAM);
  }

  /** Brings equal parts of bytes together on all ranks. */
  void allGather(Pointer from, Pointer to, long bytes) {
    call("ncclAllGather", from, to, bytes, INT8, communicator, DEFAULT_STREAM);
  }

  /** Replaces memory by that of rank {@code root}. */
  void broadcast(Pointer memory, long bytes, int root) {
    call("ncclBroadcast", memory, memory, bytes, INT8, root, communicator, DEFAULT_STREAM);
  }

  /** Sends memory to a rank that receives as many bytes. */
  void send(Pointer memory, long bytes, int to) {
    call("ncclSend", memory, bytes, INT8, to, communicator, DEFAULT_STREAM);
  }

  /** Receives memory from a rank. */
  void receive(Pointer memory, long bytes, int from) {
    call("ncclRecv", memory, bytes, INT8, from, communicator, DEFAULT_STREAM);
  }

  /** Returns {@code ncclDataType_t} of a type. */
  static int code(StorageType type) {
    return switch (type) {
      case I8 -> INT8;
      case U8, BOOL -> 1;
      case I32 -> 2;
      case I64 -> 4;
      case F16 -> 6;
      case F32 -> 7;
      case F64 -> 8;
      case BF16 -> 9;
      case I16 -> throw new IllegalArgumentException("NCCL sums no 16-bit integers");
    };
  }

  /** Ends, where it has begun. */
  void end() {
    if (communicator != null) {
      call("ncclCommDestroy", communicator);
      communicator = null;
    }
  }

  private void call(String name, @Nullable Object... arguments) {
    int code = function(name).invokeInt(arguments);
    if (code != 0) {
      String text = function("ncclGetErrorString").invokeString(new Object[] {code}, false);
      throw new IllegalStateException(name + " of " + library.getName() + " failed: " + text);
    }
  }

  private Function function(String name) {
    return functions.computeIfAbsent(name, library::getFunction);
  }
}
