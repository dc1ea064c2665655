package io.dil.data.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Requests that change a repository, each tried again where the network or the hub falters. */
final class HubPost {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LFS = "application/vnd.git-lfs+json";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 5;

  /** The slowest line that is waited for, in bytes per second. */
  private static final long SLOWEST = 50_000;

  private final HubSettings settings;
  private final Duration firstPause;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  HubPost(HubSettings settings) {
    this(settings, Duration.ofSeconds(1));
  }

  HubPost(HubSettings settings, Duration firstPause) {
    this.settings = settings;
    this.firstPause = firstPause;
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Appends a line of JSON. */
  static void line(ByteArrayOutputStream lines, JsonNode json) throws IOException {
    lines.write(JSON.writeValueAsBytes(json));
    lines.write('\n');
  }

  /** Returns an address that a hub named. */
  static URI address(String text) throws IOException {
    try {
      URI uri = URI.create(text);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("hub named what is no address to send to", e);
    }
    throw new IOException("hub named what is no address to send to");
  }

  /**
   * Posts JSON to the hub.
   *
   * @param mayExist whether "conflict" means that what is to be made is there
   */
  JsonNode post(String path, JsonNode body, String what, boolean mayExist) throws IOException {
    HttpResponse<String> answer =
        send(json(hub(path), body, "application/json"), what, PATIENCE, mayExist);
    return parsed(answer);
  }

  /** Posts to git-lfs's own interface. */
  JsonNode lfs(String path, JsonNode body, String what) throws IOException {
    HttpRequest.Builder request = json(hub(path), body, LFS).header("Accept", LFS);
    return parsed(send(request, what, PATIENCE, false));
  }

  /** Posts the lines of a commit. Not tried again: what is lost may be the answer alone. */
  JsonNode commit(String path, byte[] lines, String what) throws IOException {
    HttpRequest.Builder request =
        settings
            .request(hub(path))
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofByteArray(lines));
    HttpResponse<String> answer = once(request, patience(lines.length));
    failOnStatus(answer, what, false);
    return parsed(answer);
  }

  /** Says that all parts have arrived. The address is signed; the token stays here. */
  void complete(URI to, JsonNode body, String what) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to)
            .header("User-Agent", "dil")
            .header("Content-Type", LFS)
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    send(request, what, PATIENCE, false);
  }

  /** Has the hub check what the storage has. */
  void verify(URI to, JsonNode body, String what) throws IOException {
    send(json(to, body, "application/json"), what, PATIENCE, false);
  }

  /** Puts bytes into the storage; returns its tag of them. */
  Optional<String> put(URI to, String what, long size, BodySource body) throws IOException {
    return again(
            () -> {
              try {
                return HttpRequest.newBuilder(to).header("User-Agent", "dil").PUT(body.open());
              } catch (IOException e) {
                throw new InputException(what + ": cannot be read: " + e.getMessage(), e);
              }
            },
            what,
            patience(size),
            false)
        .headers()
        .firstValue("etag");
  }

  /** Opens the body of a request, anew for every attempt. */
  @FunctionalInterface
  interface BodySource {
    BodyPublisher open() throws IOException;
  }

  private static Duration patience(long bytes) {
    return PATIENCE.plusSeconds(bytes / SLOWEST);
  }

  private URI hub(String path) {
    return URI.create(settings.endpoint() + path);
  }

  private HttpRequest.Builder json(URI to, JsonNode body, String type) throws IOException {
    return settings
        .request(to)
        .header("Content-Type", type)
        .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
  }

  private HttpResponse<String> send(
      HttpRequest.Builder request, String what, Duration patience, boolean mayExist)
      throws IOException {
    return again(() -> request, what, patience, mayExist);
  }

  private HttpResponse<String> again(
      Supplier<HttpRequest.Builder> request, String what, Duration patience, boolean mayExist)
      throws IOException {
    Duration pause = firstPause;
    for (int attempt = 1; ; attempt++) {
      String problem;
      try {
        HttpResponse<String> answer = once(request.get(), patience);
        if (answer.statusCode() < 500 && answer.statusCode() != 429) {
          failOnStatus(answer, what, mayExist);
          return answer;
        }
        problem = "answer " + answer.statusCode();
      } catch (IOException e) {
        problem = String.valueOf(e.getMessage());
      }
      if (attempt == ATTEMPTS) {
        throw new InputException(
            what + ": could not be sent (" + problem + "); the same command goes on from there");
      }
      try {
        Thread.sleep(pause.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      pause = pause.multipliedBy(2);
    }
  }

  private HttpResponse<String> once(HttpRequest.Builder request, Duration patience)
      throws IOException {
    try {
      return http.send(
          request.timeout(patience).build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void failOnStatus(HttpResponse<String> answer, String what, boolean mayExist) {
    int status = answer.statusCode();
    if (status < 300 || (mayExist && status == 409)) {
      return;
    }
    String problem =
        switch (status) {
          case 401 -> "HF_TOKEN is not valid";
          case 403 -> "HF_TOKEN may not write there";
          case 404 -> "no such repository or branch";
          case 413 -> "too large for the hub";
          default -> "hub refuses: " + said(answer.body());
        };
    throw new InputException(what + ": " + problem + " (answer " + status + ")");
  }

  private static String said(String body) {
    String text = body;
    try {
      text = JSON.readTree(body).path("error").asText(body);
    } catch (IOException e) {
      // Not JSON: then as it is.
      text = body;
    }
    String plain = text.replaceAll("\\p{Cntrl}", " ").strip();
    return plain.length() > 200 ? plain.substring(0, 200) + "..." : plain;
  }

  private static JsonNode parsed(HttpResponse<String> answer) throws IOException {
    return answer.body().isBlank() ? object() : JSON.readTree(answer.body());
  }
}
