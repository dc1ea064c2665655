package io.dil.core.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An array of more bytes than a buffer holds, made of a file that takes no room on the disk. */
class LargeArrayTest {
  private static final long BYTES = (2L << 30) + (64L << 20) + 10;

  @TempDir Path folder;

  @Test
  void bytesBeyondTwoGibibytesAreWritten() throws IOException {
    Path sparse = folder.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(BYTES);
      file.seek(BYTES - 2);
      file.write(new byte[] {0x40, 0x49});
    }
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Kernels kernels = new Kernels(manager);
        NDArray array = kernels.mapFile(manager, sparse, StorageType.BF16, BYTES)) {
      SafetensorsWriter.Tensor tensor = kernels.tensor("large", array, StorageType.BF16);
      long[] found = new long[2];
      tensor
          .content()
          .write(
              bytes -> {
                found[0] += bytes.remaining();
                ByteBuffer last = bytes.order(ByteOrder.LITTLE_ENDIAN);
                found[1] = last.getShort(last.limit() - 2);
              });
      assertEquals(BYTES, tensor.size());
      assertEquals(BYTES, found[0]);
      assertEquals(0x4940, found[1]);
    }
  }
}
