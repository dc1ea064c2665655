package io.dil.train.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A server on this machine that answers as MLflow 3 does, as far as we ask it. */
final class LoopbackMlflow implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final Map<String, String> experiments = new LinkedHashMap<>();
  final Map<String, Map<String, String>> runs = new LinkedHashMap<>();
  final Map<String, String> parameters = new LinkedHashMap<>();
  final List<JsonNode> metrics = new ArrayList<>();
  final List<String> authorizations = new ArrayList<>();

  /** How many requests are answered before all others fail. */
  int healthy = Integer.MAX_VALUE;

  private final HttpServer server;

  LoopbackMlflow() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/2.0/mlflow/", this::answer);
    server.start();
  }

  String uri() {
    return "http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort();
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    List<String> authorization = exchange.getRequestHeaders().get("Authorization");
    authorizations.addAll(authorization == null ? List.of() : authorization);
    String path = exchange.getRequestURI().getPath().substring("/api/2.0/mlflow/".length());
    Map<String, String> query = new HashMap<>();
    String text = exchange.getRequestURI().getQuery();
    for (String part : text == null ? new String[0] : text.split("&")) {
      query.put(part.substring(0, part.indexOf('=')), part.substring(part.indexOf('=') + 1));
    }
    byte[] body = exchange.getRequestBody().readAllBytes();
    JsonNode given = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    if (healthy-- <= 0) {
      reply(exchange, 500, Map.of("error_code", "INTERNAL_ERROR", "message", "out of order"));
      return;
    }
    Object found =
        switch (path) {
          case "experiments/get-by-name" -> {
            String id = experiments.get(query.get("experiment_name"));
            yield id == null ? null : Map.of("experiment", Map.of("experiment_id", id));
          }
          case "experiments/create" -> {
            String id = String.valueOf(experiments.size() + 1);
            experiments.put(given.path("name").asText(), id);
            yield Map.of("experiment_id", id);
          }
          case "runs/create" -> {
            String id = "run" + runs.size();
            runs.put(id, new HashMap<>(Map.of("status", "RUNNING")));
            runs.get(id).put("name", given.path("run_name").asText());
            runs.get(id).put("experiment", given.path("experiment_id").asText());
            yield Map.of("run", Map.of("info", Map.of("run_id", id)));
          }
          case "runs/get" -> runs.get(query.get("run_id"));
          case "runs/update" -> {
            runs.get(given.path("run_id").asText()).put("status", given.path("status").asText());
            yield Map.of();
          }
          case "runs/log-batch" -> {
            if (given.path("metrics").size() > 1000 || given.path("params").size() > 100) {
              throw new IllegalArgumentException("more than the server takes");
            }
            given.path("metrics").forEach(metrics::add);
            for (JsonNode parameter : given.path("params")) {
              parameters.put(parameter.path("key").asText(), parameter.path("value").asText());
            }
            yield Map.of();
          }
          case "metrics/get-history" ->
              Map.of(
                  "metrics",
                  metrics.stream()
                      .filter(each -> each.path("key").asText().equals(query.get("metric_key")))
                      .toList());
          default -> throw new IllegalArgumentException(path);
        };
    if (found == null) {
      reply(exchange, 404, Map.of("error_code", "RESOURCE_DOES_NOT_EXIST", "message", path));
    } else {
      reply(exchange, 200, found);
    }
  }

  private static void reply(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] bytes = JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
