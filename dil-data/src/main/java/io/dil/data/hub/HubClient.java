package io.dil.data.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the hub: which files a revision has, how large a file is and what its hash is, and its
 * bytes.
 */
final class HubClient {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int REDIRECTS = 5;

  /** The list of a repository's files; 64 MiB are half a million of them. */
  private static final int LARGEST_ANSWER = 1 << 26;

  private final HubSettings settings;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  HubClient(HubSettings settings) {
    this.settings = settings;
  }

  /**
   * A revision of a repository.
   *
   * @param commit its commit
   * @param files the paths of its files
   */
  record Revision(String commit, List<String> files) {}

  /**
   * What the hub announces about a file.
   *
   * @param etag the SHA-256 of a large file's bytes, or the git blob id of a small one
   * @param size its bytes
   */
  record FileFacts(String etag, long size) {}

  /** Returns the commit and files of an address's revision. */
  Revision revision(HubAddress address) throws IOException {
    URI uri =
        URI.create(
            settings.endpoint()
                + "/api/"
                + address.kind().word()
                + "/"
                + address.repository()
                + "/revision/"
                + encoded(address.revision()));
    HttpResponse<InputStream> answer = send(uri, "GET", -1);
    try (InputStream body = answer.body()) {
      failOnStatus(answer, address.toString());
      byte[] text = body.readNBytes(LARGEST_ANSWER + 1);
      if (text.length > LARGEST_ANSWER) {
        throw new InputException(
            address + ": hub's answer must be at most " + LARGEST_ANSWER + " bytes, got more");
      }
      JsonNode json = new JsonMapper().readTree(text);
      List<String> files = new ArrayList<>();
      for (JsonNode file : json.path("siblings")) {
        files.add(HubNames.path(address, file.path("rfilename").asText()));
      }
      return new Revision(HubNames.commit(address, json.path("sha").asText()), files);
    }
  }

  /** Returns what the hub announces about a file of a commit. */
  FileFacts facts(HubAddress address, String commit, String path) throws IOException {
    HttpResponse<InputStream> answer = send(fileUri(address, commit, path), "HEAD", -1);
    try (InputStream body = answer.body()) {
      body.readAllBytes();
    }
    failOnStatus(answer, address + " (" + path + ")");
    var headers = answer.headers();
    String etag =
        headers
            .firstValue("x-linked-etag")
            .or(() -> headers.firstValue("etag"))
            .map(text -> text.replaceFirst("^W/", "").replace("\"", ""))
            .orElse("");
    long size =
        headers
            .firstValueAsLong("x-linked-size")
            .orElseGet(() -> headers.firstValueAsLong("content-length").orElse(-1));
    if (!etag.matches("[0-9a-f]{40}|[0-9a-f]{64}") || size < 0) {
      throw new InputException(
          address + " (" + path + "): hub must announce a size and a hash, got " + etag);
    }
    return new FileFacts(etag, size);
  }

  /**
   * Opens a file's bytes from one on; the answer is 206, or 200 where the server sends all of it.
   */
  HttpResponse<InputStream> bytes(HubAddress address, String commit, String path, long from)
      throws IOException {
    URI uri = fileUri(address, commit, path);
    HttpResponse<InputStream> answer = send(uri, "GET", from);
    for (int i = 0; i < REDIRECTS && isRedirect(answer); i++) {
      answer.body().close();
      uri = location(uri, answer);
      answer = send(uri, "GET", from);
    }
    failOnStatus(answer, address + " (" + path + ")");
    return answer;
  }

  private HttpResponse<InputStream> send(URI uri, String method, long from) throws IOException {
    HttpRequest.Builder request =
        settings.request(uri).timeout(PATIENCE).method(method, HttpRequest.BodyPublishers.noBody());
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private URI fileUri(HubAddress address, String commit, String path) {
    String prefix = address.kind() == HubAddress.Kind.DATASET ? "/datasets/" : "/";
    return URI.create(
        settings.endpoint()
            + prefix
            + address.repository()
            + "/resolve/"
            + commit
            + "/"
            + encoded(path).replace("%2F", "/"));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static boolean isRedirect(HttpResponse<?> answer) {
    return answer.statusCode() >= 301 && answer.statusCode() <= 308;
  }

  private static URI location(URI from, HttpResponse<?> answer) throws IOException {
    String to =
        answer
            .headers()
            .firstValue("location")
            .orElseThrow(() -> new IOException("redirect without a location"));
    try {
      return from.resolve(to);
    } catch (IllegalArgumentException e) {
      throw new IOException("redirect to what is no address", e);
    }
  }

  private void failOnStatus(HttpResponse<?> answer, String what) throws IOException {
    int status = answer.statusCode();
    if (status < 400) {
      return;
    }
    String code = answer.headers().firstValue("x-error-code").orElse("");
    String problem =
        switch (code) {
          case "EntryNotFound" -> "no such file in the repository";
          case "RevisionNotFound" -> "no such revision";
          case "GatedRepo" -> "repository is gated; accept its terms on the hub and set HF_TOKEN";
          default ->
              switch (status) {
                case 401, 403, 404 ->
                    settings.token().isPresent()
                        ? "repository does not exist, or HF_TOKEN may not read it"
                        : "repository does not exist or is private; set HF_TOKEN if it is private";
                default -> "";
              };
        };
    if (problem.isEmpty()) {
      throw new IOException("hub answered " + status);
    }
    throw new InputException(what + ": " + problem + " (answer " + status + ")");
  }
}
