package io.dil.core.collective;

import io.dil.core.InputException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ranks that meet at an address, as {@code torchrun}'s variables {@code MASTER_ADDR} and {@code
 * MASTER_PORT} name it: each is connected with rank 0, and what one says goes through that. It is
 * there to spread what NCCL needs to begin and to agree on little things; tensors do not pass.
 *
 * <p>A second connection of each rank carries nothing. It breaks where a process ends, on which the
 * others end too, also those that wait for a card. Whoever reaches the port can take part, as with
 * torch's own rendezvous: the network must be trusted.
 */
public final class TcpLink implements HostLink {
  private static final int MAGIC = 0x64696c01;
  private static final int MOST_BYTES = 1 << 28;

  private final int rank;
  private final int size;
  private final Ended ended;
  // Rank 0 has one for each other rank, in order; another rank one, with rank 0.
  private final List<Peer> peers;
  private final List<Socket> watched;
  private volatile boolean closing;

  /** Hears that a rank's process has ended without leaving. */
  @FunctionalInterface
  public interface Ended {
    /** Ends this process; called on a thread of its own. */
    void end(int rank);
  }

  /** A connection. */
  private record Peer(Socket socket, DataInputStream in, DataOutputStream out) {
    static Peer of(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      return new Peer(
          socket,
          new DataInputStream(new BufferedInputStream(socket.getInputStream())),
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())));
    }

    void send(byte[] bytes) throws IOException {
      out.writeInt(bytes.length);
      out.write(bytes);
      out.flush();
    }

    byte[] receive() throws IOException {
      int length = in.readInt();
      if (length < 0 || length > MOST_BYTES) {
        throw new IOException("a message must have at most " + MOST_BYTES + " bytes");
      }
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      return bytes;
    }
  }

  private TcpLink(int rank, int size, Ended ended, List<Peer> peers, List<Socket> watched) {
    this.rank = rank;
    this.size = size;
    this.ended = ended;
    this.peers = peers;
    this.watched = watched;
    for (int i = 0; i < watched.size(); i++) {
      int other = rank == 0 ? i + 1 : 0;
      Socket socket = watched.get(i);
      Thread thread = new Thread(() -> watch(socket, other), "dil-watch-" + other);
      thread.setDaemon(true);
      thread.start();
    }
  }

  /**
   * Meets the other ranks; rank 0 listens, the others come to it.
   *
   * @param seconds how long to wait for all
   * @throws InputException if not all come
   */
  public static TcpLink join(
      int rank, int size, String address, int port, int seconds, Ended ended) {
    long deadline = System.nanoTime() + seconds * 1_000_000_000L;
    try {
      return rank == 0
          ? listen(size, port, deadline, seconds, ended)
          : connect(rank, size, address, port, deadline, ended);
    } catch (IOException e) {
      throw new InputException(
          "rank "
              + rank
              + " cannot meet the others at "
              + address
              + ":"
              + port
              + " (MASTER_ADDR and MASTER_PORT): "
              + e.getMessage(),
          e);
    }
  }

  private static TcpLink listen(int size, int port, long deadline, int seconds, Ended ended)
      throws IOException {
    @Nullable Peer[] peers = new @Nullable Peer[size];
    @Nullable Socket[] watched = new @Nullable Socket[size];
    int missing = 2 * (size - 1);
    try (ServerSocket server = new ServerSocket(port, 2 * size)) {
      while (missing > 0) {
        server.setSoTimeout(left(deadline));
        Peer peer = Peer.of(server.accept());
        peer.socket().setSoTimeout(10_000);
        if (peer.in().readInt() != MAGIC || peer.in().readInt() != size) {
          // Somebody else's, or a rank of another run.
          peer.socket().close();
          continue;
        }
        int rank = peer.in().readInt();
        boolean watch = peer.in().readBoolean();
        boolean taken = watch ? watched[rank] != null : peers[rank] != null;
        if (taken) {
          throw new IOException("two processes say that they are rank " + rank);
        }
        peer.socket().setSoTimeout(0);
        if (watch) {
          watched[rank] = peer.socket();
        } else {
          peers[rank] = peer;
        }
        missing--;
      }
    } catch (SocketTimeoutException e) {
      throw new IOException(
          (missing + 1) / 2 + " of " + (size - 1) + " did not come within " + seconds + " s", e);
    }
    List<Peer> all = new ArrayList<>();
    List<Socket> sockets = new ArrayList<>();
    for (int r = 1; r < size; r++) {
      if (peers[r] != null && watched[r] != null) {
        all.add(peers[r]);
        sockets.add(watched[r]);
      }
    }
    return new TcpLink(0, size, ended, all, sockets);
  }

  private static TcpLink connect(
      int rank, int size, String address, int port, long deadline, Ended ended) throws IOException {
    Peer peer = Peer.of(reach(address, port, deadline));
    Peer watched = Peer.of(reach(address, port, deadline));
    greet(peer, rank, size, false);
    greet(watched, rank, size, true);
    return new TcpLink(rank, size, ended, List.of(peer), List.of(watched.socket()));
  }

  private static void greet(Peer peer, int rank, int size, boolean watched) throws IOException {
    peer.out().writeInt(MAGIC);
    peer.out().writeInt(size);
    peer.out().writeInt(rank);
    peer.out().writeBoolean(watched);
    peer.out().flush();
  }

  /** Connects as soon as rank 0 listens. */
  private static Socket reach(String address, int port, long deadline) throws IOException {
    while (true) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, port), left(deadline));
        return socket;
      } catch (IOException e) {
        socket.close();
        if (System.nanoTime() > deadline - 200_000_000L) {
          throw e;
        }
        try {
          Thread.sleep(100);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }

  private static int left(long deadline) {
    return (int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
  }

  private void watch(Socket socket, int other) {
    try {
      // Not closed here, which would close the other direction too.
      if (socket.getInputStream().read() >= 0) {
        // It says that it leaves.
        return;
      }
    } catch (IOException e) {
      // A connection that breaks is one that ends.
    }
    if (!closing) {
      ended.end(other);
    }
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
  public String name() {
    return "TCP";
  }

  @Override
  public byte[][] gather(byte[] own) {
    byte[][] all = new byte[size][];
    try {
      if (rank > 0) {
        Peer leader = peers.get(0);
        leader.send(own);
        for (int r = 0; r < size; r++) {
          all[r] = leader.receive();
        }
        return all;
      }
      all[0] = own;
      for (int r = 1; r < size; r++) {
        all[r] = peers.get(r - 1).receive();
      }
      for (Peer peer : peers) {
        for (byte[] one : all) {
          peer.out().writeInt(one.length);
          peer.out().write(one);
        }
        peer.out().flush();
      }
      return all;
    } catch (IOException e) {
      throw new RankStoppedException(e);
    }
  }

  @Override
  public void abort(int status) {
    // The connections break with the process.
    Runtime.getRuntime().halt(status);
  }

  @Override
  public void close() {
    closing = true;
    try {
      for (Socket socket : watched) {
        socket.getOutputStream().write(0);
      }
      // Nobody goes before all have heard.
      gather(new byte[0]);
      for (Socket socket : watched) {
        socket.close();
      }
      for (Peer peer : peers) {
        peer.socket().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
