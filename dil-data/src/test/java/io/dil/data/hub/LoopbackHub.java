package io.dil.data.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A hub on this machine with one data set: an API, a redirect to a store, ranges, and faults on
 * demand.
 */
final class LoopbackHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** What the store does to the bytes it serves. */
  enum Fault {
    NONE,
    /** Closes the connection after some bytes, every time. */
    CUT,
    /** Sends some bytes and then nothing more. */
    STALL,
    /** Sends other bytes of the same number. */
    WRONG,
    /** Ignores ranges. */
    NO_RANGES
  }

  final Map<String, byte[]> files = new TreeMap<>();
  final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  final AtomicInteger cutAfter = new AtomicInteger(1000);
  volatile Fault fault = Fault.NONE;
  volatile String token = "";

  /** What the API calls the commit and a file beside those that there are. */
  volatile String commit = COMMIT;

  volatile String extra = "";
  private final HttpServer server;

  LoopbackHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "loopback");
              thread.setDaemon(true);
              return thread;
            }));
    server.createContext("/", this::answer);
    server.start();
  }

  URI address() {
    return URI.create(
        "http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(exchange.getRequestMethod() + " " + path);
    try (exchange) {
      if (path.startsWith("/store/")) {
        serve(exchange, files.get(path.substring("/store/".length())));
      } else if (!authorized(exchange)) {
        exchange.sendResponseHeaders(401, -1);
      } else if (path.startsWith("/api/datasets/o/n/revision/")) {
        revision(exchange, path.substring(path.lastIndexOf('/') + 1));
      } else if (path.startsWith("/datasets/o/n/resolve/" + COMMIT + "/")) {
        resolve(exchange, path.substring(("/datasets/o/n/resolve/" + COMMIT + "/").length()));
      } else {
        exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private boolean authorized(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    return token.isEmpty() || ("Bearer " + token).equals(given);
  }

  private void revision(HttpExchange exchange, String revision) throws IOException {
    if (!revision.equals("main") && !revision.equals(COMMIT)) {
      exchange.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    String siblings =
        files.keySet().stream()
            .map(name -> "{\"rfilename\":\"" + name + "\"}")
            .collect(Collectors.joining(","));
    siblings = extra.isEmpty() ? siblings : siblings + ",{\"rfilename\":\"" + extra + "\"}";
    byte[] body =
        ("{\"sha\":\"" + commit + "\",\"siblings\":[" + siblings + "]}")
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private void resolve(HttpExchange exchange, String name) throws IOException {
    byte[] bytes = files.get(name);
    var headers = exchange.getResponseHeaders();
    headers.set("X-Repo-Commit", COMMIT);
    headers.set("X-Linked-Size", "" + bytes.length);
    headers.set("X-Linked-Etag", "\"" + etag(name, bytes) + "\"");
    headers.set("Location", "/store/" + name.replace(" ", "%20"));
    exchange.sendResponseHeaders(302, -1);
  }

  /** Large files are known by their SHA-256, small ones by their git blob id. */
  static String etag(String name, byte[] bytes) {
    try {
      if (!name.endsWith(".json")) {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(HttpExchange exchange, byte[] bytes) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from =
        range == null || fault == Fault.NO_RANGES
            ? 0
            : Integer.parseInt(range.replaceAll("\\D", ""));
    byte[] rest = Arrays.copyOfRange(bytes, from, bytes.length);
    if (fault == Fault.WRONG) {
      rest[0] ^= 1;
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, rest.length);
    if (fault == Fault.CUT || fault == Fault.STALL) {
      exchange.getResponseBody().write(rest, 0, Math.min(cutAfter.get(), rest.length));
      exchange.getResponseBody().flush();
      if (fault == Fault.STALL) {
        awaitClient();
      }
      return;
    }
    exchange.getResponseBody().write(rest);
  }

  private static void awaitClient() {
    try {
      new java.util.concurrent.CountDownLatch(1).await(3, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
