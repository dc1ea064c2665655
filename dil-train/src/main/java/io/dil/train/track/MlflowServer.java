package io.dil.train.track;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Requests to a server of MLflow's REST API.
 *
 * <p>Who asks is said by {@code MLFLOW_TRACKING_TOKEN}, or {@code MLFLOW_TRACKING_USERNAME} and
 * {@code MLFLOW_TRACKING_PASSWORD}, in the environment, as MLflow's own clients have it. No
 * redirect is followed and no message holds them.
 *
 * <p>Source: <a href="https://mlflow.org/docs/latest/rest-api.html">REST API</a>, version 2.0,
 * which servers of MLflow 1 to 3 speak.
 */
final class MlflowServer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final String base;
  private final Optional<String> authorization;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  MlflowServer(String uri, Function<String, Optional<String>> environment) {
    base = uri.replaceAll("/+$", "") + "/api/2.0/mlflow/";
    authorization =
        environment
            .apply("MLFLOW_TRACKING_TOKEN")
            .map(token -> "Bearer " + token)
            .or(
                () ->
                    environment
                        .apply("MLFLOW_TRACKING_USERNAME")
                        .map(
                            user ->
                                "Basic "
                                    + Base64.getEncoder()
                                        .encodeToString(
                                            (user
                                                    + ":"
                                                    + environment
                                                        .apply("MLFLOW_TRACKING_PASSWORD")
                                                        .orElse(""))
                                                .getBytes(StandardCharsets.UTF_8))));
  }

  /** Asks for something; empty where the server says that it does not exist. */
  Optional<JsonNode> get(String path, Map<String, String> query) throws IOException {
    String text =
        query.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    return send(request(path + "?" + text).GET());
  }

  /** Changes something. */
  JsonNode post(String path, Object body) throws IOException {
    return send(request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))))
        .orElseThrow(() -> new IOException(path + ": what it names does not exist"));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
    authorization.ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private Optional<JsonNode> send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      JsonNode answer = parsed(response.body());
      if (response.statusCode() == 200) {
        return Optional.of(answer);
      }
      String code = answer.path("error_code").asText("");
      if (code.equals("RESOURCE_DOES_NOT_EXIST")) {
        return Optional.empty();
      }
      String message = answer.path("message").asText("").lines().findFirst().orElse("");
      throw new IOException(
          ("status " + response.statusCode() + " " + code + " " + message).strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static JsonNode parsed(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      // A proxy's page, whose status says enough.
      return JSON.createObjectNode();
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
