package io.dil.data.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HubTest {
  private static final String REPOSITORY = "hf://datasets/o/n";
  private static final String COMMIT_OF_39 = LoopbackHub.COMMIT.substring(1);
  private static final String LARGE = "data/train-0.parquet";

  @TempDir private Path cache;
  private LoopbackHub server;
  private final byte[] large = new byte[700_000];

  @BeforeEach
  void start() throws Exception {
    server = new LoopbackHub();
    new SplittableRandom(1).nextBytes(large);
    server.files.put(LARGE, large);
    server.files.put("data/train-1.parquet", new byte[] {1, 2, 3});
    server.files.put("data/a b.json", new byte[] {'{', '}'});
    server.files.put("README.md", new byte[] {'#'});
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HubSettings settings(String token, boolean offline) {
    return new HubSettings(
        server.address(), Optional.of(token).filter(t -> !t.isEmpty()), cache, offline);
  }

  private List<Path> files(String address) {
    return files(address, settings("", false));
  }

  private static List<Path> files(String address, HubSettings settings) {
    return new Hub(settings, 1).files(HubAddress.parse(address), path -> !path.endsWith(".md"));
  }

  private String failure(String address) {
    return assertThrows(InputException.class, () -> files(address)).getMessage();
  }

  @Test
  void fetchesAFileIntoTheLayoutOfThePythonTools() throws Exception {
    Path file = files(REPOSITORY + "/" + LARGE).get(0);
    Path folder = cache.resolve("datasets--o--n");
    assertEquals(folder.resolve("snapshots").resolve(LoopbackHub.COMMIT).resolve(LARGE), file);
    assertArrayEquals(large, Files.readAllBytes(file));
    assertEquals(LoopbackHub.COMMIT, Files.readString(folder.resolve("refs/main")));
    String etag = LoopbackHub.etag(LARGE, large);
    assertEquals(Path.of("../../../blobs/" + etag), Files.readSymbolicLink(file));
    assertFalse(Files.exists(folder.resolve("blobs/" + etag + ".incomplete")));
  }

  @Test
  void findsFoldersAndGlobsAndChecksGitIds() {
    assertEquals(
        List.of("a b.json", "train-0.parquet", "train-1.parquet"),
        files(REPOSITORY + "/data").stream().map(f -> f.getFileName().toString()).toList());
    assertEquals(2, files(REPOSITORY + "/data/train-*.parquet").size());
    assertEquals(3, files(REPOSITORY).size());
    assertTrue(failure(REPOSITORY + "/nothing").contains("no such file in the repository"));
  }

  @Test
  void fetchesNothingTwiceAndNothingOffline() {
    files(REPOSITORY + "/" + LARGE);
    server.asked.clear();
    files(REPOSITORY + "/" + LARGE);
    assertEquals(List.of("GET /api/datasets/o/n/revision/main"), server.asked);
    server.close();
    assertEquals(1, files(REPOSITORY + "/" + LARGE, settings("", true)).size());
    assertThrows(InputException.class, () -> files("hf://datasets/o/other/x", settings("", true)));
    assertTrue(failure(REPOSITORY + "/" + LARGE).contains("no connection to http://"));
  }

  @Test
  void goesOnWhereItWasCut() throws Exception {
    server.fault = LoopbackHub.Fault.CUT;
    server.cutAfter.set(300_000);
    Path file = files(REPOSITORY + "/" + LARGE).get(0);
    assertArrayEquals(large, Files.readAllBytes(file));
    // 300,000 + 300,000 + 100,000 bytes.
    assertEquals(3, server.asked.stream().filter(r -> r.startsWith("GET /store/")).count());
  }

  @Test
  void goesOnInALaterRunAfterGivingUp() throws Exception {
    server.fault = LoopbackHub.Fault.STALL;
    server.cutAfter.set(0);
    String message = failure(REPOSITORY + "/" + LARGE);
    assertTrue(
        message.contains("connection lost after 0 of 700000 bytes (nothing came for 1 s)"),
        message);
    Path blobs = cache.resolve("datasets--o--n/blobs");
    Path incomplete = blobs.resolve(LoopbackHub.etag(LARGE, large) + ".incomplete");
    Files.write(incomplete, java.util.Arrays.copyOf(large, 500_000));
    server.fault = LoopbackHub.Fault.NONE;
    server.asked.clear();
    assertArrayEquals(large, Files.readAllBytes(files(REPOSITORY + "/" + LARGE).get(0)));
    assertEquals(1, server.asked.stream().filter(r -> r.startsWith("GET /store/")).count());
  }

  @Test
  void startsAgainWhereTheServerHasNoRanges() throws Exception {
    server.fault = LoopbackHub.Fault.NO_RANGES;
    Path blobs = Files.createDirectories(cache.resolve("datasets--o--n/blobs"));
    Files.write(blobs.resolve(LoopbackHub.etag(LARGE, large) + ".incomplete"), new byte[500_000]);
    assertArrayEquals(large, Files.readAllBytes(files(REPOSITORY + "/" + LARGE).get(0)));
  }

  @Test
  void refusesBytesWithAnotherHashAndDeletesThem() {
    server.fault = LoopbackHub.Fault.WRONG;
    String message = failure(REPOSITORY + "/" + LARGE);
    assertTrue(message.contains("file must have the hash "), message);
    assertTrue(message.endsWith("; deleted it"), message);
    server.fault = LoopbackHub.Fault.NONE;
    assertEquals(1, files(REPOSITORY + "/" + LARGE).size());
  }

  @Test
  void saysWhatIsMissingOrPrivate() {
    assertTrue(failure(REPOSITORY + "@v9/x").contains("no such revision (answer 404)"));
    assertTrue(failure("hf://datasets/o/other/x").contains("does not exist or is private"));
    server.token = "secret";
    assertTrue(failure(REPOSITORY + "/" + LARGE).contains("set HF_TOKEN if it is private"));
    InputException wrong =
        assertThrows(
            InputException.class, () -> files(REPOSITORY + "/" + LARGE, settings("other", false)));
    assertTrue(wrong.getMessage().contains("HF_TOKEN may not read it"), wrong::getMessage);
    assertEquals(1, files(REPOSITORY + "/" + LARGE, settings("secret", false)).size());
    assertFalse(settings("secret", false).toString().contains("secret"));
  }

  @Test
  void namesThatAHubGivesNeverLeadOutOfTheCache() throws Exception {
    for (String commit :
        new String[] {"../../../outside", "/tmp/outside", "main", "", COMMIT_OF_39, "..%2F.."}) {
      server.commit = commit;
      assertTrue(failure(REPOSITORY + "/" + LARGE).contains("must name a commit by its hash"));
    }
    server.commit = LoopbackHub.COMMIT;
    for (String path :
        new String[] {
          "../../x.json",
          "/etc/x.json",
          "data/../../x.json",
          "a\\\\b.json",
          "a\\u0000b.json",
          "C:x.json",
          "data//x.json"
        }) {
      server.extra = path;
      assertTrue(
          failure(REPOSITORY + "/data").contains("must name paths inside the repository"), path);
    }
    server.extra = "";
    for (String revision :
        new String[] {"..%2F..%2Fx", "%2Fetc", "..", "a%2F..%2F..%2Fb", "a%2F%2Fb", "a\\b"}) {
      InputException error =
          assertThrows(
              InputException.class,
              () -> HubAddress.parse("hf://datasets/o/n@" + revision + "/x.json"));
      assertTrue(error.getMessage().contains("hub address"), error::getMessage);
    }
    // What stands in the cache from elsewhere is held to the same rule.
    Path refs = Files.createDirectories(cache.resolve("datasets--o--n/refs"));
    Files.writeString(refs.resolve("main"), "../../outside");
    assertThrows(InputException.class, () -> files(REPOSITORY + "/" + LARGE, settings("", true)));
    try (var all = Files.walk(cache)) {
      assertTrue(all.noneMatch(file -> file.toString().contains("outside")));
    }
  }

  @Test
  void globsAndEndpointsWithoutSenseAreErrors() {
    assertTrue(failure(REPOSITORY + "/[").contains("not a glob"));
    assertTrue(failure(REPOSITORY + "/{a").contains("not a glob"));
    for (String endpoint :
        new String[] {"http://localhost:99999", "http://", "http://a b", "ftp://x", "https://[x"}) {
      InputException error =
          assertThrows(
              InputException.class,
              () -> HubSettings.of(Map.of("HF_ENDPOINT", endpoint), Path.of("/home/p")),
              endpoint);
      assertTrue(error.getMessage().startsWith("HF_ENDPOINT "), error::getMessage);
    }
  }

  @Test
  void aTokenThatCannotBeSentIsNotShown() throws Exception {
    for (String token : new String[] {"secret\nsecond", "sec ret", "secr\u00e9t", "a\u0000b"}) {
      InputException error =
          assertThrows(
              InputException.class,
              () -> HubSettings.of(Map.of("HF_TOKEN", token), Path.of("/home/p")));
      assertTrue(error.getMessage().startsWith("HF_TOKEN must hold a token"), error::getMessage);
      assertFalse(error.getMessage().contains("sec"), error::getMessage);
    }
    Files.writeString(cache.resolve("token"), "secret one\nsecret two\n");
    InputException error =
        assertThrows(
            InputException.class,
            () -> HubSettings.of(Map.of("HF_HOME", cache.toString()), Path.of("/home/p")));
    assertFalse(error.getMessage().contains("secret"), error::getMessage);
  }

  @Test
  void namesFilesByAddress() {
    HubAddress address = HubAddress.parse("hf://datasets/o/n@refs%2Fpr%2F1/data/x-*.parquet");
    assertEquals("refs/pr/1", address.revision());
    assertEquals("data/x-*.parquet", address.path());
    assertEquals(HubAddress.Kind.MODEL, HubAddress.parse("hf://models/o/n").kind());
    assertThrows(InputException.class, () -> HubAddress.parse("hf://datasets/o"));
    assertThrows(InputException.class, () -> HubAddress.parse("hf://datasets/o/n/../../x"));
  }

  @Test
  void readsTheEnvironmentAsThePythonToolsDo() throws Exception {
    HubSettings defaults = HubSettings.of(Map.of(), Path.of("/home/p"));
    assertEquals(URI.create("https://huggingface.co"), defaults.endpoint());
    assertEquals(Path.of("/home/p/.cache/huggingface/hub"), defaults.cache());
    Files.writeString(cache.resolve("token"), "from-file\n");
    HubSettings given =
        HubSettings.of(
            Map.of(
                "HF_HOME", cache.toString(),
                "HF_HUB_OFFLINE", "true",
                "HF_ENDPOINT", "http://localhost:1/"),
            Path.of("/home/p"));
    assertEquals(cache.resolve("hub"), given.cache());
    assertEquals(Optional.of("from-file"), given.token());
    assertEquals(URI.create("http://localhost:1"), given.endpoint());
    assertTrue(given.offline());
  }
}
