package io.dil.data.hub;

import io.dil.core.Hashes;
import io.dil.core.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches one content into the cache: goes on where an earlier attempt stopped, and puts it in its
 * place only when size and hash are what the hub announced.
 */
final class Download {
  /** How often a connection may be lost without a byte in between. */
  private static final int ATTEMPTS = 5;

  private static final int BLOCK = 1 << 18;

  private final String name;
  private final Source source;
  private final HubClient.FileFacts facts;
  private final Path blob;
  private final long stallSeconds;

  /** Opens the content from a byte on. */
  interface Source {
    HttpResponse<InputStream> open(long from) throws IOException;
  }

  Download(String name, Source source, HubClient.FileFacts facts, Path blob, long stallSeconds) {
    this.name = name;
    this.source = source;
    this.facts = facts;
    this.blob = blob;
    this.stallSeconds = stallSeconds;
  }

  /** Fetches the content, unless it is there. */
  void run() throws IOException {
    Files.createDirectories(blob.getParent());
    Path incomplete = blob.resolveSibling(blob.getFileName() + ".incomplete");
    try (FileChannel out =
        FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Another process may be fetching the same; it is waited for, and then there is nothing to
      // do.
      out.lock();
      if (Files.exists(blob)) {
        return;
      }
      fill(out);
      out.force(true);
    }
    check(incomplete);
    Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE);
  }

  private void fill(FileChannel out) throws IOException {
    if (out.size() > facts.size()) {
      out.truncate(0);
    }
    int failures = 0;
    while (out.size() < facts.size()) {
      long before = out.size();
      try {
        append(out);
        if (out.size() < facts.size()) {
          throw new IOException("connection was closed early");
        }
      } catch (LocalFailure e) {
        throw new InputException(name + ": cannot be written to the cache: " + e.getMessage(), e);
      } catch (IOException e) {
        failures = out.size() > before ? 1 : failures + 1;
        if (failures >= ATTEMPTS) {
          throw new InputException(
              "%s: connection lost after %d of %d bytes (%s); run again to go on from there"
                  .formatted(name, out.size(), facts.size(), e.getMessage()),
              e);
        }
      }
    }
  }

  private void append(FileChannel out) throws IOException {
    HttpResponse<InputStream> answer = source.open(out.size());
    if (answer.statusCode() == 200 && out.size() > 0) {
      // The server sends everything again.
      out.truncate(0);
    }
    out.position(out.size());
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try (InputStream in = answer.body()) {
      byte[] block = new byte[BLOCK];
      for (int n = read(reader, in, block); n >= 0; n = read(reader, in, block)) {
        if (out.size() + n > facts.size()) {
          throw new InputException(name + ": file must have " + facts.size() + " bytes, got more");
        }
        write(out, ByteBuffer.wrap(block, 0, n));
      }
    } finally {
      reader.shutdownNow();
    }
  }

  /** Reads with a limit on how long nothing may come, which the stream itself does not have. */
  private int read(ExecutorService reader, InputStream in, byte[] block) throws IOException {
    Future<Integer> n = reader.submit(() -> in.read(block));
    try {
      return n.get(stallSeconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("nothing came for " + stallSeconds + " s", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(cause == null ? "unknown" : "" + cause.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InputException(name + ": interrupted; run again to go on from there", e);
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws LocalFailure {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw new LocalFailure(e);
    }
  }

  private void check(Path file) throws IOException {
    boolean sha256 = facts.etag().length() == 64;
    MessageDigest digest = sha256 ? Hashes.sha256() : Hashes.sha1();
    if (!sha256) {
      // Git's id of a file: a header before the bytes.
      digest.update(("blob " + facts.size() + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    Hashes.update(digest, file);
    String hash = Hashes.hex(digest);
    if (!hash.equals(facts.etag())) {
      Files.delete(file);
      throw new InputException(
          name + ": file must have the hash " + facts.etag() + ", got " + hash + "; deleted it");
    }
  }

  /** The disk, not the network: a full disk above all. */
  private static final class LocalFailure extends IOException {
    private static final long serialVersionUID = 1L;

    LocalFailure(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
