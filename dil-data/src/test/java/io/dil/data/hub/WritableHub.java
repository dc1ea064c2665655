package io.dil.data.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dil.core.Hashes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A hub on this machine that takes pushes: the same answers as src/test/python/hub_push.py. */
final class WritableHub implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CHUNK = 1000;

  final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());

  /** How many requests to the storage fail before one is taken. */
  final AtomicInteger faults = new AtomicInteger();

  /** What the API answers instead; 0 for what is asked. */
  volatile int status;

  volatile boolean exists;
  private final Map<String, String> names = new HashMap<>();
  private final HttpServer server;

  WritableHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Tells the hub the name of a content, so that its addresses can show it. */
  void known(String name, byte[] bytes) {
    names.put(hash(bytes), name);
  }

  private static String hash(byte[] bytes) {
    MessageDigest digest = Hashes.sha256();
    digest.update(bytes);
    return Hashes.hex(digest);
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    try (exchange) {
      if (path.startsWith("/store/") && faults.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        exchange.sendResponseHeaders(500, -1);
        return;
      }
      JsonNode shown = record(exchange, path, body);
      if (status != 0) {
        exchange.sendResponseHeaders(status, -1);
      } else if (path.startsWith("/store/")) {
        String name = path.substring("/store/".length());
        exchange.getResponseHeaders().set("ETag", "\"tag-of-" + name + "\"");
        reply(exchange, 200, JSON.createObjectNode());
      } else if (path.equals("/api/repos/create")) {
        reply(exchange, exists ? 409 : 200, JSON.createObjectNode().put("url", "there"));
      } else if (path.contains("/preupload/")) {
        reply(exchange, 200, modes(shown));
      } else if (path.endsWith("/objects/batch")) {
        reply(exchange, 200, actions(shown));
      } else if (path.contains("/commit/")) {
        reply(
            exchange,
            200,
            JSON.createObjectNode().put("commitUrl", address() + "/org/name/commit/abc"));
      } else {
        reply(exchange, 200, JSON.createObjectNode());
      }
    }
  }

  private JsonNode record(HttpExchange exchange, String path, byte[] body) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    JsonNode shown;
    if (exchange.getRequestMethod().equals("PUT")) {
      // Storage with signed addresses takes no body whose length is not announced.
      if (exchange.getRequestHeaders().getFirst("Content-Length") == null) {
        throw new IOException("no length");
      }
      shown = JSON.createObjectNode().put("sha256", hash(body)).put("size", body.length);
    } else if (type != null && type.contains("ndjson")) {
      ArrayNode lines = JSON.createArrayNode();
      for (String line : new String(body, StandardCharsets.UTF_8).split("\n")) {
        lines.add(JSON.readTree(line));
      }
      shown = lines;
    } else {
      shown = JSON.readTree(body);
    }
    ObjectNode request = JSON.createObjectNode();
    request.put("method", exchange.getRequestMethod()).put("path", path);
    request.put("authorization", exchange.getRequestHeaders().getFirst("Authorization"));
    request.put("type", type == null ? "" : type);
    request.set("body", shown);
    requests.add(request);
    return shown;
  }

  private static ObjectNode modes(JsonNode asked) {
    ObjectNode answer = JSON.createObjectNode();
    for (JsonNode file : asked.path("files")) {
      String name = file.path("path").asText();
      boolean regular = name.matches(".*\\.(json|md|log)");
      answer
          .withArray("/files")
          .addObject()
          .put("path", name)
          .put("uploadMode", regular ? "regular" : "lfs")
          .put("shouldIgnore", name.endsWith(".log"));
    }
    return answer;
  }

  private ObjectNode actions(JsonNode asked) {
    ObjectNode answer = JSON.createObjectNode().put("transfer", "multipart");
    for (JsonNode object : asked.path("objects")) {
      ObjectNode one = answer.withArray("/objects").addObject();
      one.put("oid", object.path("oid").asText()).put("size", object.path("size").asLong());
      String name = names.getOrDefault(object.path("oid").asText(), "?");
      if (name.equals("known.bin")) {
        continue;
      }
      ObjectNode upload = one.putObject("actions").putObject("upload");
      ObjectNode header = upload.putObject("header");
      if (name.equals("big.bin")) {
        upload.put("href", address() + "/complete");
        header.put("chunk_size", "" + CHUNK);
        for (int i = 1; i <= 3; i++) {
          header.put("" + i, address() + "/store/part-" + i);
        }
        ((ObjectNode) one.path("actions"))
            .putObject("verify")
            .put("href", address() + "/org/name.git/info/lfs/verify");
      } else {
        upload.put("href", address() + "/store/" + name);
      }
    }
    return answer;
  }

  private static void reply(HttpExchange exchange, int status, JsonNode json) throws IOException {
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
