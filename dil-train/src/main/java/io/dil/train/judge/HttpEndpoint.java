package io.dil.train.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.data.Turn;
import io.dil.train.TrainingException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A server that speaks OpenAI's chat completions. It is asked again, later and later, after 429, a
 * server's error or a broken connection, and not after an error that another try would repeat.
 *
 * <p>The key comes from the environment and goes into a header: no file and no message holds it. It
 * is sent to no plain-text server but this machine, and no redirect is followed.
 */
public final class HttpEndpoint implements Endpoint {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final int LARGEST_ANSWER = 4 << 20;
  private static final long FIRST_WAIT_MILLIS = 1000;
  private static final long LONGEST_WAIT_MILLIS = 60_000;

  private final HttpSettings settings;
  private final Optional<String> key;
  private final Duration patience;
  private final long firstWait;
  private final Pacer pacer;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Makes a client.
   *
   * @param key what the environment holds; empty for none
   * @throws InputException if the server is another machine, and there is no key or no encryption
   */
  public HttpEndpoint(HttpSettings settings, Optional<String> key) {
    this(settings, key, Duration.ofMinutes(3), FIRST_WAIT_MILLIS);
  }

  HttpEndpoint(HttpSettings settings, Optional<String> key, Duration patience, long firstWait) {
    this.settings = settings;
    this.key = key.map(String::strip).filter(text -> !text.isEmpty());
    this.patience = patience;
    this.firstWait = firstWait;
    pacer = new Pacer(settings.requestsPerMinute(), settings.tokensPerMinute());
    if (!settings.isLoopback()) {
      if (this.key.isEmpty()) {
        throw new InputException(
            "OPENAI_API_KEY must hold the key of " + settings.base().getHost() + ", got none");
      }
      if (!"https".equalsIgnoreCase(settings.base().getScheme())) {
        throw new InputException(
            "--base-url must be https, since a key is sent, got " + settings.base());
      }
    }
  }

  @Override
  public int batch() {
    return 1;
  }

  @Override
  public List<Reply> ask(List<List<Turn>> conversations) {
    return conversations.stream().map(this::one).toList();
  }

  private Reply one(List<Turn> turns) {
    try {
      return tried(turns);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException("judging was interrupted", e);
    }
  }

  private Reply tried(List<Turn> turns) throws InterruptedException {
    String body = body(turns);
    long size = body.length() / 4L + settings.maxTokens();
    String problem = "";
    for (int attempt = 0; attempt <= settings.retries(); attempt++) {
      long wait = backoff(attempt);
      try {
        pacer.await(size);
        HttpResponse<InputStream> response =
            client.send(request(body), HttpResponse.BodyHandlers.ofInputStream());
        String text = read(response);
        int status = response.statusCode();
        if (status == 200) {
          Optional<Reply> reply = reply(text);
          if (reply.isPresent()) {
            return reply.get();
          }
          problem = "its answer is not that of a chat completion";
        } else if (status == 429 || status == 408 || status >= 500) {
          problem = "status " + status + message(text);
        } else {
          throw new InputException(
              settings.base().getHost() + ": status " + status + message(text));
        }
        wait = Waits.asked(response.headers()).orElse(wait);
        if (status == 429) {
          // Others would be refused as well.
          pacer.pause(wait);
        }
      } catch (IOException e) {
        problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      }
      Pacer.sleep(attempt == settings.retries() ? 0 : wait * 1_000_000);
    }
    throw new TrainingException(
        settings.base().getHost()
            + ": no answer after "
            + (settings.retries() + 1)
            + " tries, the last: "
            + clean(problem)
            + "; the same command goes on where this one stopped");
  }

  /** Twice as long after every try, and by chance up to half of that longer. */
  private long backoff(int attempt) {
    long wait = Math.min(LONGEST_WAIT_MILLIS, firstWait << Math.min(attempt, 16));
    return wait + ThreadLocalRandom.current().nextLong(wait / 2 + 1);
  }

  private String body(List<Turn> turns) {
    ObjectNode body = JSON.createObjectNode().put("model", settings.model());
    ArrayNode messages = body.putArray("messages");
    for (Turn turn : turns) {
      messages.addObject().put("role", turn.role()).put("content", turn.content());
    }
    body.put("temperature", settings.temperature());
    body.put(
        settings.completionTokens() ? "max_completion_tokens" : "max_tokens", settings.maxTokens());
    return body.put("seed", settings.seed()).toString();
  }

  private HttpRequest request(String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.address())
            .timeout(patience)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    key.ifPresent(
        text -> {
          if (settings.apiVersion().isEmpty()) {
            request.header("Authorization", "Bearer " + text);
          } else {
            request.header("api-key", text);
          }
        });
    return request.build();
  }

  private static String read(HttpResponse<InputStream> response) throws IOException {
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(LARGEST_ANSWER + 1);
      if (bytes.length > LARGEST_ANSWER) {
        throw new IOException("answer must have at most " + LARGEST_ANSWER + " bytes, got more");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private Optional<Reply> reply(String text) {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    JsonNode content = json.path("choices").path(0).path("message").path("content");
    if (!content.isTextual()) {
      return Optional.empty();
    }
    JsonNode usage = json.path("usage");
    return Optional.of(
        new Reply(
            content.asText(),
            json.path("model").asText(settings.model()),
            json.path("system_fingerprint").asText(""),
            usage.path("prompt_tokens").asLong(),
            usage.path("completion_tokens").asLong()));
  }

  private String message(String text) {
    try {
      String said = JSON.readTree(text).path("error").path("message").asText();
      return said.isEmpty() ? "" : ": " + clean(said);
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  /** A server may repeat the key in its message. */
  private String clean(String text) {
    String line = Objects.requireNonNullElse(text, "").lines().findFirst().orElse("");
    return key.map(secret -> line.replace(secret, "(key)")).orElse(line);
  }

  @Override
  public void close() {
    // The JDK's client has nothing to close before Java 21.
  }
}
