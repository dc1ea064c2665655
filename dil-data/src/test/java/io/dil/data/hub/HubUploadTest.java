package io.dil.data.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent when a model is pushed, beside what huggingface_hub sends. */
class HubUploadTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private WritableHub hub;
  private JsonNode oracle;

  @BeforeEach
  void start() throws IOException {
    hub = new WritableHub();
    try (InputStream in = HubUploadTest.class.getResourceAsStream("/hub/push.json")) {
      oracle = JSON.readTree(in);
    }
    for (Map.Entry<String, JsonNode> file : oracle.path("files").properties()) {
      byte[] bytes = Base64.getDecoder().decode(file.getValue().asText());
      Files.write(folder.resolve(file.getKey()), bytes);
      hub.known(file.getKey(), bytes);
    }
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private HubSettings settings(String token) {
    return new HubSettings(
        hub.address(), Optional.of(token).filter(t -> !t.isEmpty()), folder, false);
  }

  private Map<String, Path> files() {
    Map<String, Path> files = new HashMap<>();
    oracle.path("files").fieldNames().forEachRemaining(n -> files.put(n, folder.resolve(n)));
    return files;
  }

  private String push(List<String> stored) throws IOException {
    HubUpload upload =
        new HubUpload(
            settings("hf_secret"),
            "org/name",
            "main",
            (name, bytes, sent) -> stored.add(name + " " + bytes + " " + sent));
    upload.create(true);
    return upload.push(files(), "Push the model");
  }

  /** The same requests with the same content; the storage's may come in another order. */
  @Test
  void sendsWhatHuggingfaceHubSends() throws IOException {
    List<String> stored = new ArrayList<>();
    String commit = push(stored);
    assertTrue(commit.endsWith("/org/name/commit/abc"), commit);
    assertEquals(List.of("big.bin 2500 true", "known.bin 13 false", "model.bin 768 true"), stored);
    List<String> expected = new ArrayList<>();
    for (JsonNode request : oracle.path("requests")) {
      // The page that the hub makes of a model card is looked at by itself.
      if (!request.path("path").asText().equals("/api/validate-yaml")) {
        expected.add(canonical(request));
      }
    }
    List<String> sent = hub.requests.stream().map(HubUploadTest::canonical).sorted().toList();
    assertEquals(expected.stream().sorted().toList(), sent);
    assertEquals(
        "/api/models/org/name/commit/main",
        hub.requests.get(hub.requests.size() - 1).path("path").asText());
  }

  private static String canonical(JsonNode request) {
    return request.path("method").asText()
        + " "
        + request.path("path").asText()
        + " "
        + request.path("authorization").asText("null")
        + " "
        + request.path("type").asText()
        + " "
        + request.path("body");
  }

  @Test
  void aFaultOfTheStorageIsTriedAgain() throws IOException {
    hub.faults.set(2);
    push(new ArrayList<>());
    assertEquals(0, hub.faults.get());
    assertTrue(hub.requests.get(hub.requests.size() - 1).path("path").asText().contains("commit"));
  }

  @Test
  void aRepositoryThatIsThereIsUsed() throws IOException {
    hub.exists = true;
    push(new ArrayList<>());
    assertFalse(hub.requests.isEmpty());
  }

  @Test
  void whatIsRefusedIsSaidWithoutTheToken() {
    hub.status = 403;
    InputException error = assertThrows(InputException.class, () -> push(new ArrayList<>()));
    assertEquals("org/name: HF_TOKEN may not write there (answer 403)", error.getMessage());
  }

  @Test
  void badCallsAreRefusedBeforeAnythingIsSent() {
    assertTrue(message("", "org/name", "main").contains("set HF_TOKEN"));
    assertTrue(message("t", "name", "main").contains("must be ORG/NAME, got name"));
    assertTrue(message("t", "../name", "main").contains("must be ORG/NAME"));
    assertTrue(message("t", "org/name", "../x").contains("must be a branch"));
    assertTrue(hub.requests.isEmpty());
  }

  private String message(String token, String repository, String revision) {
    return assertThrows(
            InputException.class,
            () -> new HubUpload(settings(token), repository, revision, (n, b, s) -> {}))
        .getMessage();
  }
}
