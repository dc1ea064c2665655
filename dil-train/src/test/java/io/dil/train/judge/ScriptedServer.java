package io.dil.train.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** A chat server on loopback that does what its script says, question by question. */
final class ScriptedServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a server does with a question. */
  interface Script {
    /** Answers, or does not; {@code attempt} counts from 1 for every question. */
    void play(Turn turn) throws IOException;
  }

  /** A question and the ways to answer it. */
  record Turn(HttpExchange exchange, JsonNode body, int attempt) {
    String question() {
      JsonNode messages = body.path("messages");
      return messages.path(messages.size() - 1).path("content").asText();
    }

    void say(String text) throws IOException {
      ObjectNode answer = JSON.createObjectNode().put("model", "scripted-1");
      answer.putArray("choices").addObject().putObject("message").put("content", text);
      answer.putObject("usage").put("prompt_tokens", 100).put("completion_tokens", 10);
      send(200, answer.toString());
    }

    void send(int status, String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    }

    /** Prefers the answer that holds the word good. */
    void judge() throws IOException {
      int good = question().indexOf("good");
      int bad = question().indexOf("bad");
      say("Comparison: one is better.\nMore helpful: \"" + (good < bad ? 1 : 2) + "\"");
    }
  }

  private final HttpServer server;
  private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

  /** Every request's question, in the order they came. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  /** Every request's header of the key. */
  final List<String> keys = new CopyOnWriteArrayList<>();

  ScriptedServer(Script script) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          JsonNode body = JSON.readTree(exchange.getRequestBody());
          String question = body.path("messages").toString();
          keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          int attempt = attempts.merge(question, 1, Integer::sum);
          Turn turn = new Turn(exchange, body, attempt);
          asked.add(turn.question());
          script.play(turn);
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
