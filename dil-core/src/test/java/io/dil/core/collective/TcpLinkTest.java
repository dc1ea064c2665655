package io.dil.core.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Ranks that meet at an address; here threads of one process. */
class TcpLinkTest {
  private static int freePort() throws IOException {
    try (ServerSocket server = new ServerSocket(0)) {
      return server.getLocalPort();
    }
  }

  private static TcpLink join(int rank, int size, int port, TcpLink.Ended ended) {
    return TcpLink.join(rank, size, "127.0.0.1", port, 20, ended);
  }

  /** Connects as soon as rank 0 listens. */
  private static Socket reach(int port) throws InterruptedException {
    while (true) {
      try {
        return new Socket("127.0.0.1", port);
      } catch (IOException e) {
        Thread.sleep(20);
      }
    }
  }

  @Test
  void messagesOfAllRanksComeInOrder() throws Exception {
    int port = freePort();
    int size = 5;
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<List<String>>> futures = new ArrayList<>();
      for (int r = size - 1; r >= 0; r--) {
        int rank = r;
        futures.add(
            threads.submit(
                () -> {
                  List<String> heard = new ArrayList<>();
                  TcpLink.Ended never =
                      other -> heard.add("rank " + other + " seemed to have ended");
                  try (TcpLink link = join(rank, size, port, never)) {
                    for (int round = 0; round < 3; round++) {
                      String own = "r" + rank + "x".repeat(round * rank * 1000);
                      for (byte[] one : link.gather(own.getBytes(StandardCharsets.UTF_8))) {
                        heard.add(new String(one, StandardCharsets.UTF_8));
                      }
                    }
                  }
                  return heard;
                }));
      }
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 3 * size; i++) {
        expected.add("r" + i % size + "x".repeat(i / size * (i % size) * 1000));
      }
      for (Future<List<String>> future : futures) {
        assertEquals(expected, future.get(30, TimeUnit.SECONDS));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whoeverEndsWithoutLeavingIsNoticed() throws Exception {
    int port = freePort();
    CompletableFuture<Integer> noticed = new CompletableFuture<>();
    CompletableFuture<TcpLink> leader =
        CompletableFuture.supplyAsync(() -> join(0, 2, port, noticed::complete));
    // What a rank says first, on each of its two connections.
    try (Socket words = reach(port);
        Socket watched = reach(port)) {
      for (Socket socket : List.of(words, watched)) {
        OutputStream out = socket.getOutputStream();
        out.write(new byte[] {0x64, 0x69, 0x6c, 1, 0, 0, 0, 2, 0, 0, 0, 1});
        out.write(socket == watched ? 1 : 0);
        out.flush();
      }
      leader.get(20, TimeUnit.SECONDS);
    }
    assertEquals(1, noticed.get(20, TimeUnit.SECONDS));
    assertThrows(RankStoppedException.class, () -> leader.join().gather(new byte[] {1, 2, 3}));
  }

  @Test
  void strangersArePassedOver() throws Exception {
    int port = freePort();
    CompletableFuture<TcpLink> leader =
        CompletableFuture.supplyAsync(() -> join(0, 2, port, rank -> {}));
    try (Socket one = reach(port)) {
      one.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      CompletableFuture<byte[][]> heard =
          CompletableFuture.supplyAsync(
              () -> {
                try (TcpLink link = join(1, 2, port, rank -> {})) {
                  return link.gather(new byte[] {7});
                }
              });
      try (TcpLink link = leader.get(20, TimeUnit.SECONDS)) {
        assertArrayEquals(new byte[] {7}, link.gather(new byte[0])[1]);
      }
      assertEquals(2, heard.get(20, TimeUnit.SECONDS).length);
    }
  }

  @Test
  void ranksThatDoNotComeAreSaid() throws Exception {
    int port = freePort();
    InputException error =
        assertThrows(
            InputException.class, () -> TcpLink.join(0, 3, "127.0.0.1", port, 1, rank -> {}));
    assertTrue(error.getMessage().contains("2 of 2 did not come within 1 s"), error::getMessage);
    error =
        assertThrows(
            InputException.class, () -> TcpLink.join(2, 3, "127.0.0.1", port, 1, rank -> {}));
    assertTrue(error.getMessage().contains("rank 2 cannot meet the others"), error::getMessage);
  }
}
