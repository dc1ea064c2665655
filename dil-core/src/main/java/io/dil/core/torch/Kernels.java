package io.dil.core.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Operations that DJL's arrays lack: mapped files, casts to and from bfloat16, in-place updates of
 * many arrays in one call, and torch's fused AdamW.
 *
 * <p>Everything runs without recording gradients. Scalars travel as arrays of no dimension on the
 * CPU.
 */
public final class Kernels implements AutoCloseable {
  /**
   * Elements that are copied to the host at once: 64 MiB of fp32, far below what a buffer holds.
   */
  private static final long SLICE = 16L << 20;

  private final NDManager manager;
  private final TorchProgram program;
  // Says which device this is.
  private final NDArray mark;

  /** Compiles the kernels for the device of {@code owner}. */
  public Kernels(NDManager owner) {
    manager = owner.newSubManager();
    mark = manager.create(new Shape(0));
    program =
        TorchProgram.compile(
            manager, TorchProgram.resource(Kernels.class, "kernels.py"), Map.of("training", false));
  }

  /**
   * Maps a file's bytes as elements of one type, without reading them: pages are shared with every
   * other map of the file until they are written to, and the file itself never changes.
   *
   * @param bytes the file's length, as its header was checked against
   */
  public NDArray mapFile(NDManager owner, Path file, StorageType type, long bytes) {
    return program
        .call("map_file")
        .with(fileName(file))
        .with(bytes / type.bytes())
        .with((long) type.torchCode())
        .single(owner);
  }

  /**
   * Returns the bytes of a path as the system has them: torch's characters are bytes, and a name of
   * several bytes a character would become another one.
   */
  private static long[] fileName(Path file) {
    Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    byte[] bytes = file.toAbsolutePath().toString().getBytes(names);
    long[] codes = new long[bytes.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Byte.toUnsignedLong(bytes[i]);
    }
    return codes;
  }

  /** Returns the tensor of {@code entry} as a view of its mapped file. */
  public NDArray view(NDManager owner, NDArray file, TensorEntry entry) {
    return program
        .call("view")
        .with(file)
        .with(entry.shape().stream().mapToLong(Long::longValue).toArray())
        .with(entry.begin() / entry.type().bytes())
        .single(owner);
  }

  /**
   * Returns {@code x} in another type on this device; a new handle to the same memory if it is so
   * already.
   */
  public NDArray cast(NDManager owner, NDArray x, StorageType type) {
    return program.call("cast").with(x).with((long) type.torchCode()).with(mark).single(owner);
  }

  /**
   * Returns numbers on this device. No thread waits for the copy: the driver takes them before the
   * call returns, and the device's own work comes after them.
   */
  public NDArray upload(NDManager owner, long[] values) {
    return upload(owner, cpu -> cpu.create(values));
  }

  /** As {@link #upload(NDManager, long[])} for fp64. */
  public NDArray upload(NDManager owner, double[] values) {
    return upload(owner, cpu -> cpu.create(values));
  }

  /** As {@link #upload(NDManager, long[])} for 32-bit integers. */
  public NDArray upload(NDManager owner, int[] values) {
    return upload(owner, cpu -> cpu.create(values));
  }

  /** As {@link #upload(NDManager, long[])} for fp32 numbers of a shape. */
  public NDArray upload(NDManager owner, float[] values, Shape shape) {
    return upload(owner, cpu -> cpu.create(values, shape));
  }

  private NDArray upload(NDManager owner, Function<NDManager, NDArray> made) {
    if (!manager.getDevice().isGpu()) {
      // The memory is Java's, and goes with the array that holds on to it: no second handle.
      return made.apply(owner);
    }
    try (NDManager cpu = manager.newSubManager(Device.cpu())) {
      return program.call("upload").with(made.apply(cpu)).with(mark).single(owner);
    }
  }

  /** Returns {@code x} as a leaf that gradients can be taken for. */
  public NDArray leaf(NDManager owner, NDArray x) {
    return program.call("leaf").with(x).single(owner);
  }

  /** Copies {@code source} into {@code target}, in place. */
  public void copy(NDArray target, NDArray source) {
    program.call("copy").with(target).with(source).run();
  }

  /** Returns {@code count} rows of {@code x} from {@code from} on, as a view of its memory. */
  public NDArray rows(NDManager owner, NDArray x, long from, long count) {
    return program.call("rows").with(x).with(from).with(count).single(owner);
  }

  /** Copies rows of {@code source}, which may be on another device, into rows of {@code target}. */
  public void copyRows(NDArray target, long to, NDArray source, long from, long count) {
    program.call("copy_rows").with(target).with(to).with(source).with(from).with(count).run();
  }

  /**
   * Adds as many rows of {@code whole}, from {@code from} on, as {@code sum} has, in the type of
   * {@code sum}; {@code whole} may be on another device.
   */
  public void addRows(NDArray sum, NDArray whole, long from) {
    program.call("add_rows").with(sum).with(whole).with(from).run();
  }

  /** Returns an uninitialised array of a shape in a type that DJL may not know. */
  public NDArray empty(NDManager owner, List<Long> shape, StorageType type) {
    return program
        .call("empty")
        .with(shape.stream().mapToLong(Long::longValue).toArray())
        .with((long) type.torchCode())
        .with(mark)
        .single(owner);
  }

  /** Returns an array of zeros of a shape in a type that DJL may not know. */
  public NDArray zeros(NDManager owner, List<Long> shape, StorageType type) {
    NDArray zeros = empty(owner, shape, type);
    zero(List.of(zeros));
    return zeros;
  }

  /** Returns the bytes of one element. */
  public static long elementBytes(NDArray array) {
    return type(array).bytes();
  }

  /** Returns the type of an array's elements; DJL calls bfloat16 unknown, and nothing else. */
  public static StorageType type(NDArray array) {
    return switch (array.getDataType()) {
      case FLOAT64 -> StorageType.F64;
      case FLOAT32 -> StorageType.F32;
      case FLOAT16 -> StorageType.F16;
      case UNKNOWN -> StorageType.BF16;
      case INT64 -> StorageType.I64;
      case INT32 -> StorageType.I32;
      case INT8 -> StorageType.I8;
      case UINT8 -> StorageType.U8;
      case BOOLEAN -> StorageType.BOOL;
      default ->
          throw new IllegalArgumentException("no tensor has the type " + array.getDataType());
    };
  }

  /** Sets every element of every array to zero, in place. */
  public void zero(List<NDArray> arrays) {
    program.call("zero").with(arrays).run();
  }

  /** Returns whether two arrays have the same shape and elements. */
  public boolean equal(NDArray a, NDArray b) {
    try (NDArray result = program.call("equal").with(a).with(b).single(manager)) {
      return doubles(result)[0] != 0;
    }
  }

  /** Returns the 2-norm of all elements of all arrays. */
  public double globalNorm(List<NDArray> arrays) {
    try (NDArray norm = program.call("global_norm").with(arrays).single(manager)) {
      return doubles(norm)[0];
    }
  }

  /** Multiplies every array by {@code factor}, in place. */
  public void scale(List<NDArray> arrays, double factor) {
    program.call("scale").with(arrays).with(factor).run();
  }

  /**
   * Moves every array towards its partner, in place: {@code t ← (1 − share) t + share s}, rounded
   * after each of the two operations, as torch's {@code mul_} and {@code add_} do.
   */
  public void blend(List<NDArray> targets, List<NDArray> sources, double share) {
    program.call("blend").with(targets).with(sources).with(share).run();
  }

  /**
   * One step of {@code torch.optim.AdamW} on fp32 arrays, in place:
   *
   * <pre>
   * p ← p − lr·decay·p
   * m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²
   * p ← p − lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
   * </pre>
   *
   * @param step t, counted from 1
   */
  public void adamW(
      List<NDArray> params,
      List<NDArray> grads,
      List<NDArray> first,
      List<NDArray> second,
      long step,
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay) {
    program
        .call("adamw")
        .with(params)
        .with(grads)
        .with(first)
        .with(second)
        .with((double) step)
        .with(learningRate)
        .with(beta1)
        .with(beta2)
        .with(epsilon)
        .with(weightDecay)
        .run();
  }

  /**
   * Hands an array's bytes to {@code sink}, in row order and the machine's byte order, a slice at a
   * time: on the CPU each is the array's own memory, on a GPU one copy that goes before the next
   * comes. Buffers end at 2 GiB; arrays do not.
   */
  public void bytes(NDArray array, SafetensorsWriter.Sink sink) throws IOException {
    long size = array.getShape().size();
    for (long start = 0; start < size; start += SLICE) {
      try (NDArray slice =
          program
              .call("host_slice")
              .with(array)
              .with(start)
              .with(Math.min(SLICE, size - start))
              .single(manager)) {
        sink.accept(slice.toByteBuffer(true));
      }
    }
  }

  /** Returns the elements of an array on any device, in fp64. */
  public double[] doubles(NDArray array) {
    try (NDArray host = host(array, StorageType.F64)) {
      return host.toDoubleArray();
    }
  }

  /** Returns the elements of an array on any device, in fp32. */
  public float[] floats(NDArray array) {
    try (NDArray host = host(array, StorageType.F32)) {
      return host.toFloatArray();
    }
  }

  // DJL's own copy to the host stays with a manager that nobody closes, and aborts on bfloat16.
  private NDArray host(NDArray array, StorageType type) {
    return program.call("to_host").with(array).with((long) type.torchCode()).single(manager);
  }

  /** Returns a copy of {@code x} in the host's memory, or {@code x} itself where it is there. */
  public NDArray hosted(NDManager owner, NDArray x, StorageType type) {
    return program.call("to_host").with(x).with((long) type.torchCode()).single(owner);
  }

  /**
   * Returns rows of numbers that were {@linkplain #quantize quantised}, in fp32.
   *
   * @param codes which of {@code values} each is (rows, columns)
   * @param scales what each block of {@code block} numbers of a row was divided by (rows, blocks)
   * @param from the first row
   */
  public NDArray dequantized(
      NDManager owner,
      NDArray codes,
      NDArray scales,
      NDArray values,
      long block,
      long from,
      long count) {
    return program
        .call("dequantized")
        .with(codes)
        .with(scales)
        .with(values)
        .with(block)
        .with(from)
        .with(count)
        .single(owner);
  }

  /**
   * Rounds fp32 rows, each number divided by its block's largest magnitude, into {@code codes} and
   * {@code scales}, from row {@code from} on.
   *
   * @param borders what separates each value from the next (255)
   */
  public void quantize(
      NDArray codes, NDArray scales, NDArray borders, long block, long from, NDArray numbers) {
    program
        .call("quantize")
        .with(codes)
        .with(scales)
        .with(borders)
        .with(block)
        .with(from)
        .with(numbers)
        .run();
  }

  /** Returns the dimensions of an array. */
  public static List<Long> shape(NDArray array) {
    return LongStream.of(array.getShape().getShape()).boxed().toList();
  }

  /** Returns an array as a tensor to write, in the type that it has in memory. */
  public SafetensorsWriter.Tensor tensor(String name, NDArray array, StorageType type) {
    return new SafetensorsWriter.Tensor(name, type, shape(array), sink -> bytes(array, sink));
  }

  /** Returns an fp32 array of zeros with the shape of {@code like}. */
  public static NDArray zerosLike(NDManager owner, NDArray like) {
    return owner.zeros(like.getShape(), DataType.FLOAT32);
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
