package io.dil.core.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;

/**
 * Where an array's elements are, for libraries that read and write them in place: an address of the
 * host's memory, or of a card's.
 */
public final class TensorMemory {
  private TensorMemory() {}

  /**
   * Returns the address of the first element of {@code x}, whose rows lie one after the other. It
   * is good while {@code x} is open.
   *
   * @param kernels of the device of {@code x}
   * @throws IllegalArgumentException if {@code x} is empty
   */
  public static Pointer address(Kernels kernels, NDArray x) {
    if (x.getShape().size() == 0) {
      throw new IllegalArgumentException("an array must have an element to have an address");
    }
    if (x.getShape().dimension() == 0) {
      return first(x);
    }
    // A buffer ends at 2 GiB, so it is asked for of the first row alone.
    try (NDArray row = kernels.rows(x.getManager(), x, 0, 1)) {
      return first(row);
    }
  }

  private static Pointer first(NDArray x) {
    PtNDArray array = (PtNDArray) x;
    return Native.getDirectBufferPointer(
        x.getDevice().isGpu() ? OnCard.buffer(array) : JniUtils.getByteBuffer(array, true));
  }

  /** The engine's own way to a buffer copies what is on a card to the host; this is beneath it. */
  private static final class OnCard {
    private static final Object LIBRARY;
    private static final Method BUFFER;

    static {
      try {
        Class<?> type = Class.forName("ai.djl.pytorch.jni.PyTorchLibrary");
        Field library = type.getDeclaredField("LIB");
        library.setAccessible(true);
        LIBRARY = library.get(null);
        BUFFER = type.getDeclaredMethod("torchDirectByteBuffer", long.class);
        BUFFER.setAccessible(true);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(
            "DJL's PyTorch engine must be the version that dil was built with", e);
      }
    }

    private OnCard() {}

    static ByteBuffer buffer(PtNDArray x) {
      try {
        return (ByteBuffer) BUFFER.invoke(LIBRARY, x.getHandle());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("the engine gives no address of a tensor", e);
      }
    }
  }
}
