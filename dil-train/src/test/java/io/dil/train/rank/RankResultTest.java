package io.dil.train.rank;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ai.djl.Device;
import io.dil.core.collective.Collectives;
import io.dil.core.collective.LocalGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What one process computed comes to the others as it was; ranks that differ are named. */
class RankResultTest {
  /** Arrays, of which one may be missing. */
  private record Parts(List<double @Nullable []> all) {}

  private static final RankResult.Form<Parts> FORM =
      new RankResult.Form<>() {
        @Override
        public List<double @Nullable []> write(Parts result) {
          return result.all();
        }

        @Override
        public Parts read(List<double @Nullable []> parts) {
          return new Parts(parts);
        }
      };

  @Test
  void resultsOfEveryLengthComeToAllRanks() throws Exception {
    LocalGroup group = new LocalGroup(3);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<List<List<Parts>>>> futures = new ArrayList<>();
      for (int r = 0; r < 3; r++) {
        int rank = r;
        futures.add(
            threads.submit(
                () -> {
                  List<Parts> own = new ArrayList<>();
                  // Rank 0 has none, rank 1 one, rank 2 two; beyond the room that is there first.
                  for (int i = 0; i < rank; i++) {
                    double[] numbers = new double[40 * rank];
                    Arrays.fill(numbers, rank + i / 8.0);
                    own.add(new Parts(Arrays.asList(numbers, null, new double[0])));
                  }
                  try (Collectives joined = group.join(rank, Device.cpu())) {
                    return RankResult.exchange(joined, own, FORM);
                  }
                }));
      }
      for (Future<List<List<Parts>>> future : futures) {
        List<List<Parts>> all = future.get();
        assertEquals(List.of(0, 1, 2), all.stream().map(List::size).toList());
        Parts last = all.get(2).get(1);
        double[] expected = new double[80];
        Arrays.fill(expected, 2.125);
        assertArrayEquals(expected, last.all().get(0));
        assertNull(last.all().get(1));
        assertArrayEquals(new double[0], last.all().get(2));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void theFirstDifferenceIsNamed() {
    Map<String, String> leader = new TreeMap<>(Map.of("dil", "1.0", "seed", "42", "data", "ab"));
    Map<String, String> other = new TreeMap<>(Map.of("dil", "1.0", "seed", "43"));
    assertEquals("seed is 43 there and 42 at rank 0", Cluster.difference(leader, other));
    // One rank of a machine hashes the data.
    other.put("seed", "42");
    assertEquals("", Cluster.difference(leader, other));
    other.put("data", "cd");
    assertEquals("data is cd there and ab at rank 0", Cluster.difference(leader, other));
  }
}
