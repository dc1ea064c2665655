package io.dil.data.hub;

import io.dil.core.InputException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Where the hub and its cache are. The environment's variables are those of huggingface_hub.
 *
 * @param endpoint {@code HF_ENDPOINT}
 * @param token {@code HF_TOKEN}, or the file that a login of the Python tools leaves
 * @param cache {@code HF_HUB_CACHE}, or {@code hub} in {@code HF_HOME}
 * @param offline {@code HF_HUB_OFFLINE}: use what the cache has and ask nobody
 */
public record HubSettings(URI endpoint, Optional<String> token, Path cache, boolean offline) {
  private static final String HUB = "https://huggingface.co";
  private static final int LAST_PORT = 65_535;
  private static final Set<String> YES = Set.of("1", "ON", "YES", "TRUE");

  /** Reads the environment of this process. */
  public static HubSettings ofEnvironment() {
    return of(System.getenv(), Path.of(System.getProperty("user.home")));
  }

  static HubSettings of(Map<String, String> environment, Path user) {
    Path caches =
        Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
            .map(Path::of)
            .orElse(user.resolve(".cache"));
    Path home =
        Optional.ofNullable(environment.get("HF_HOME"))
            .map(Path::of)
            .orElse(caches.resolve("huggingface"));
    Path cache =
        Optional.ofNullable(environment.get("HF_HUB_CACHE"))
            .map(Path::of)
            .orElse(home.resolve("hub"));
    String offline = environment.getOrDefault("HF_HUB_OFFLINE", "");
    String endpoint = environment.getOrDefault("HF_ENDPOINT", HUB);
    return new HubSettings(
        endpoint(endpoint),
        token(environment, home),
        cache,
        YES.contains(offline.toUpperCase(Locale.ROOT)));
  }

  private static URI endpoint(String text) {
    String bare = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    if (!bare.startsWith("http://") && !bare.startsWith("https://")) {
      throw new InputException("HF_ENDPOINT must be an http or https address, got " + text);
    }
    try {
      URI uri = new URI(bare);
      // A host that is no name, or a port beyond 65535, would fail in the middle of a request.
      if (uri.getHost() != null && uri.getPort() <= LAST_PORT) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new InputException("HF_ENDPOINT is not an address: " + e.getReason(), e);
    }
    throw new InputException("HF_ENDPOINT must name a host and a port up to 65535, got " + text);
  }

  /** Returns a token that can stand in a request; an error never shows it. */
  private static String checked(String token, String where) {
    if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InputException(
          where + " must hold a token on one line, without spaces or other than plain characters");
    }
    return token;
  }

  private static Optional<String> token(Map<String, String> environment, Path home) {
    String given = environment.get("HF_TOKEN");
    if (given != null && !given.isBlank()) {
      return Optional.of(checked(given.strip(), "HF_TOKEN"));
    }
    Path file =
        Optional.ofNullable(environment.get("HF_TOKEN_PATH"))
            .map(Path::of)
            .orElse(home.resolve("token"));
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(file).strip())
          .filter(text -> !text.isEmpty())
          .map(text -> checked(text, file.toString()));
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read as a token: " + e.getMessage(), e);
    }
  }

  /** Begins a request; the token goes to the hub alone, whatever other addresses it names. */
  HttpRequest.Builder request(URI to) {
    HttpRequest.Builder request = HttpRequest.newBuilder(to).header("User-Agent", "dil");
    if (Objects.equals(to.getAuthority(), endpoint.getAuthority())) {
      token.ifPresent(known -> request.header("Authorization", "Bearer " + known));
    }
    return request;
  }

  @Override
  public String toString() {
    // A token must not reach a log.
    return endpoint + ", cache " + cache + (offline ? ", offline" : "");
  }
}
