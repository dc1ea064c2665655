package io.dil.train.fault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A hub with a model and a data set at the address that {@code HF_ENDPOINT} names, one answer of
 * which is bad.
 */
final class FaultyHub implements AutoCloseable {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** How an answer is bad. */
  enum Way {
    /** The server has an error. */
    ERROR,
    /** The connection ends without an answer. */
    CLOSED,
    /** The answer ends too early. */
    CUT,
    /** The bytes are others. */
    WRONG
  }

  private final HttpServer server;
  private final Map<String, byte[]> files = new TreeMap<>();
  private long bad = -1;
  private Way way = Way.ERROR;
  private long answers;

  private FaultyHub(HttpServer server) {
    this.server = server;
  }

  static FaultyHub start(Path input) throws IOException {
    URI address = URI.create(System.getenv("HF_ENDPOINT"));
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByName(address.getHost()), address.getPort()), 0);
    FaultyHub hub = new FaultyHub(server);
    try (Stream<Path> all = Files.list(input.resolve("model"))) {
      for (Path file : all.toList()) {
        hub.files.put("/o/model/" + file.getFileName(), Files.readAllBytes(file));
      }
    }
    hub.files.put("/datasets/o/data/pairs.jsonl", Files.readAllBytes(input.resolve("pairs.jsonl")));
    server.createContext("/", hub::answer);
    server.start();
    return hub;
  }

  synchronized void fail(long number, int kind) {
    bad = number;
    way = Way.values()[kind];
  }

  synchronized long answers() {
    return answers;
  }

  private synchronized boolean isBad() {
    return answers++ == bad;
  }

  private void answer(HttpExchange exchange) throws IOException {
    boolean fails = isBad();
    String path = exchange.getRequestURI().getPath();
    try (exchange) {
      if (fails && way == Way.CLOSED) {
        return;
      }
      if (fails && way == Way.ERROR) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      if (path.startsWith("/api/")) {
        String repository = path.contains("/models/") ? "/o/model/" : "/datasets/o/data/";
        String siblings =
            files.keySet().stream()
                .filter(name -> name.startsWith(repository))
                .map(name -> "{\"rfilename\":\"" + name.substring(repository.length()) + "\"}")
                .collect(Collectors.joining(","));
        String sha = fails && way == Way.WRONG ? "../../../outside" : COMMIT;
        send(
            exchange,
            ("{\"sha\":\"" + sha + "\",\"siblings\":[" + siblings + "]}")
                .getBytes(StandardCharsets.UTF_8),
            fails && way == Way.CUT);
        return;
      }
      byte[] bytes = files.get(path.replace("/resolve/" + COMMIT, "")).clone();
      exchange.getResponseHeaders().set("X-Linked-Size", "" + bytes.length);
      exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + sha256(bytes) + "\"");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(fails ? 500 : 200, -1);
        return;
      }
      if (fails && way == Way.WRONG) {
        bytes[bytes.length / 2] ^= 1;
      }
      send(exchange, bytes, fails && way == Way.CUT);
    }
  }

  private static void send(HttpExchange exchange, byte[] bytes, boolean cut) throws IOException {
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes, 0, cut ? bytes.length / 2 : bytes.length);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
