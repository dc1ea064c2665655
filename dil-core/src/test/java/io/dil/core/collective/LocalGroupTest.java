package io.dil.core.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ranks do together, over shares that are unequal or empty. */
class LocalGroupTest {
  private static final int ROWS = 5;
  private static final int COLUMNS = 3;

  /** What a rank of a test does. */
  private interface Work<T> {
    T run(Collectives group, NDManager manager) throws Exception;
  }

  private static <T> List<T> each(int size, Work<T> work) throws Exception {
    LocalGroup group = new LocalGroup(size);
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int r = 0; r < size; r++) {
        int rank = r;
        futures.add(
            threads.submit(
                () -> {
                  try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                      Collectives own = group.join(rank, Device.cpu())) {
                    return work.run(own, manager);
                  } catch (Exception e) {
                    group.fail(e);
                    throw e;
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Returns row i, column j = 10 i + j, times {@code factor}. */
  private static NDArray table(NDManager manager, float factor) {
    float[] values = new float[ROWS * COLUMNS];
    for (int i = 0; i < values.length; i++) {
      values[i] = factor * (10 * (i / COLUMNS) + i % COLUMNS);
    }
    return manager.create(values, new Shape(ROWS, COLUMNS));
  }

  private static NDArray rows(NDArray table, RowShare share) {
    return table.get(share.from() + ":" + (share.from() + share.rows()));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void sharesOfAllRanksAreTheWhole(int size) {
    long next = 0;
    for (int rank = 0; rank < size; rank++) {
      RowShare share = RowShare.of(ROWS, rank, size);
      assertEquals(next, share.from());
      next += share.rows();
    }
    assertEquals(ROWS, next);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void sumsGoToTheOwnersOfTheirRows(int size) throws Exception {
    each(
        size,
        (group, manager) -> {
          RowShare share = group.share(ROWS);
          NDArray sum = manager.ones(new Shape(share.rows(), COLUMNS));
          // The last rank has nothing to add.
          List<NDArray> own =
              group.rank() == size - 1 ? List.of() : List.of(table(manager, group.rank() + 1));
          group.reduceScatter(own, List.of(sum));
          float factor = size * (size - 1) / 2f;
          if (share.rows() > 0) {
            float[] expected = rows(table(manager, factor), share).add(1).toFloatArray();
            assertArrayEquals(expected, sum.toFloatArray(), 1e-5f);
          }
          assertEquals(
              (size - 1 - (own.isEmpty() ? 0 : 1)) * share.rows() * COLUMNS * 4L,
              group.bytesReceived());
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void partsAreBroughtTogether(int size) throws Exception {
    each(
        size,
        (group, manager) -> {
          float[] expected = table(manager, 1).toFloatArray();
          RowShare share = group.share(ROWS);
          NDArray own = manager.zeros(new Shape(share.rows(), COLUMNS));
          NDArray inPlace = manager.zeros(new Shape(ROWS, COLUMNS));
          if (share.rows() > 0) {
            own.addi(rows(table(manager, 1), share));
            String at = share.from() + ":" + (share.from() + share.rows());
            inPlace.set(new NDIndex(at), own);
          }
          NDArray whole = manager.zeros(new Shape(ROWS, COLUMNS));
          group.allGather(List.of(own), List.of(whole));
          assertArrayEquals(expected, whole.toFloatArray());
          group.allGather(List.of(inPlace));
          assertArrayEquals(expected, inPlace.toFloatArray());
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          group.collect(own, part -> copy(part, bytes));
          assertEquals(group.rank() == 0 ? ROWS * COLUMNS * 4 : 0, bytes.size());
          return null;
        });
  }

  private static void copy(ByteBuffer part, ByteArrayOutputStream bytes) {
    while (part.hasRemaining()) {
      bytes.write(part.get());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void everybodyHasTheSumAndTheRootsArray(int size) throws Exception {
    each(
        size,
        (group, manager) -> {
          NDArray array = table(manager, group.rank() + 1);
          group.allReduce(List.of(array));
          float factor = size * (size + 1) / 2f;
          assertArrayEquals(table(manager, factor).toFloatArray(), array.toFloatArray(), 1e-4f);
          NDArray other = table(manager, group.rank());
          group.broadcast(List.of(other), size - 1);
          assertArrayEquals(table(manager, size - 1).toFloatArray(), other.toFloatArray());
          double[][] all = group.gather(new double[] {group.rank()});
          assertEquals(size, all.length);
          assertEquals(size - 1, all[size - 1][0]);
          group.barrier();
          return null;
        });
  }

  @Test
  void aRankThatStopsMakesTheOthersFail() {
    ExecutionException error =
        assertThrows(
            ExecutionException.class,
            () ->
                each(
                    3,
                    (group, manager) -> {
                      if (group.rank() == 2) {
                        throw new IllegalStateException("card 2 is gone");
                      }
                      group.barrier();
                      return null;
                    }));
    assertTrue(error.getCause() instanceof RankStoppedException, () -> error.getCause().toString());
    assertTrue(error.getCause().getMessage().contains("card 2 is gone"));
  }
}
