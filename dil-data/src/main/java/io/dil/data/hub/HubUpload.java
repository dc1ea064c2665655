package io.dil.data.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.Hashes;
import io.dil.core.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Puts files into a model repository of the hub, in one commit: all of them, or none.
 *
 * <p>It speaks as huggingface_hub does without its storage library: the hub is asked which files it
 * wants as ordinary ones and which in its large-file storage (git-lfs, in one piece or in parts);
 * what the storage has already is not sent again, so a push that was cut off is given again; last
 * comes the commit that names them all.
 */
public final class HubUpload {
  private static final Pattern REPOSITORY = Pattern.compile("[\\w.-]+/[\\w.-]+");

  /** How much of a file the hub sees to decide how it is kept. */
  private static final int SAMPLE = 512;

  /** How many files a request asks about, as in huggingface_hub. */
  private static final int BATCH = 256;

  /** Ordinary files go in the commit itself, as text: the hub takes no larger ones this way. */
  private static final long LARGEST_ORDINARY = 10L << 20;

  private final HubPost hub;
  private final String repository;
  private final String revision;
  private final Listener listener;

  /** Hears how a push comes along. */
  @FunctionalInterface
  public interface Listener {
    /** A file of so many bytes is in the storage; {@code sent} is false where it was before. */
    void stored(String name, long bytes, boolean sent);
  }

  private record Item(String name, Path file, long size, byte[] sample) {}

  /**
   * Prepares a push.
   *
   * @param repository ORG/NAME
   * @param revision the branch that the commit goes to, such as {@code main}
   * @throws InputException if a name is not one, there is no token, or the hub may not be asked
   */
  public HubUpload(HubSettings settings, String repository, String revision, Listener listener) {
    if (!REPOSITORY.matcher(repository).matches() || repository.contains("..")) {
      throw new InputException("repository must be ORG/NAME, got " + repository);
    }
    if (!HubNames.isPlain(revision)) {
      throw new InputException("revision must be a branch, got " + revision);
    }
    if (settings.offline()) {
      throw new InputException("HF_HUB_OFFLINE is set; unset it to push");
    }
    if (settings.token().isEmpty()) {
      throw new InputException("a push needs a token that may write; set HF_TOKEN");
    }
    this.hub = new HubPost(settings);
    this.repository = repository;
    this.revision = revision;
    this.listener = listener;
  }

  /**
   * Makes the repository, where it is missing.
   *
   * @param isPrivate whether a new one is seen by its owners alone; one that is there stays as it
   *     is
   */
  public void create(boolean isPrivate) throws IOException {
    int slash = repository.indexOf('/');
    ObjectNode body = HubPost.object();
    body.put("name", repository.substring(slash + 1));
    body.put("organization", repository.substring(0, slash));
    if (isPrivate) {
      body.put("visibility", "private");
    }
    hub.post("/api/repos/create", body, repository, true);
  }

  /**
   * Pushes files.
   *
   * @param files by the path in the repository
   * @param message of the commit
   * @return the commit's address
   * @throws InputException if a file cannot be read or changes, or the hub refuses
   */
  public String push(Map<String, Path> files, String message) throws IOException {
    List<Item> items = new ArrayList<>();
    for (Map.Entry<String, Path> entry : new TreeMap<>(files).entrySet()) {
      items.add(item(entry.getKey(), entry.getValue()));
    }
    Map<Item, Boolean> large = modes(items);
    Map<String, Item> byHash = new LinkedHashMap<>();
    Map<Item, String> hashes = new LinkedHashMap<>();
    for (Item item : items) {
      if (Boolean.TRUE.equals(large.get(item))) {
        MessageDigest digest = Hashes.sha256();
        Hashes.update(digest, item.file());
        String hash = Hashes.hex(digest);
        hashes.put(item, hash);
        byHash.put(hash, item);
      }
    }
    store(byHash);
    return commit(items, large, hashes, message);
  }

  private static Item item(String name, Path file) throws IOException {
    if (!HubNames.isPlain(name)) {
      throw new InputException("path in the repository must be plain, got " + name);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new Item(name, file, Files.size(file), in.readNBytes(SAMPLE));
    }
  }

  /**
   * Asks how each file is kept: true for the large-file storage; files to be ignored are left out.
   */
  private Map<Item, Boolean> modes(List<Item> items) throws IOException {
    Map<Item, Boolean> large = new LinkedHashMap<>();
    for (int from = 0; from < items.size(); from += BATCH) {
      List<Item> some = items.subList(from, Math.min(items.size(), from + BATCH));
      ObjectNode body = HubPost.object();
      ArrayNode list = body.putArray("files");
      for (Item item : some) {
        ObjectNode file = list.addObject().put("path", item.name());
        file.put("sample", Base64.getEncoder().encodeToString(item.sample()));
        file.put("size", item.size());
      }
      JsonNode answer =
          hub.post(
              "/api/models/" + repository + "/preupload/" + HubClient.encoded(revision),
              body,
              repository,
              false);
      Map<String, JsonNode> byName = new LinkedHashMap<>();
      answer.path("files").forEach(file -> byName.put(file.path("path").asText(), file));
      for (Item item : some) {
        JsonNode told = byName.get(item.name());
        if (told == null) {
          throw new IOException("hub did not say how it keeps " + item.name());
        }
        if (!told.path("shouldIgnore").asBoolean()) {
          // An empty file has nothing to store.
          large.put(item, item.size() > 0 && told.path("uploadMode").asText().equals("lfs"));
        }
      }
    }
    return large;
  }

  private void store(Map<String, Item> byHash) throws IOException {
    List<String> all = new ArrayList<>(byHash.keySet());
    for (int from = 0; from < all.size(); from += BATCH) {
      ObjectNode body = HubPost.object().put("operation", "upload");
      body.putArray("transfers").add("basic").add("multipart");
      ArrayNode objects = body.putArray("objects");
      for (String hash : all.subList(from, Math.min(all.size(), from + BATCH))) {
        objects.addObject().put("oid", hash).put("size", item(byHash, hash).size());
      }
      body.put("hash_algo", "sha256");
      body.putObject("ref").put("name", revision);
      JsonNode answer = hub.lfs("/" + repository + ".git/info/lfs/objects/batch", body, repository);
      for (JsonNode object : answer.path("objects")) {
        Item item = item(byHash, object.path("oid").asText());
        if (object.has("error")) {
          throw new InputException(
              item.name() + ": " + object.path("error").path("message").asText("hub refuses it"));
        }
        JsonNode actions = object.path("actions");
        if (actions.has("upload")) {
          send(item, object.path("oid").asText(), actions);
        }
        listener.stored(item.name(), item.size(), actions.has("upload"));
      }
    }
  }

  private static Item item(Map<String, Item> byHash, String hash) throws IOException {
    Item item = byHash.get(hash);
    if (item == null) {
      throw new IOException("hub answered of a file that it was not asked about");
    }
    return item;
  }

  private void send(Item item, String hash, JsonNode actions) throws IOException {
    URI to = HubPost.address(actions.path("upload").path("href").asText());
    JsonNode header = actions.path("upload").path("header");
    if (header.has("chunk_size")) {
      parts(item, hash, to, header);
    } else {
      hub.put(to, item.name(), item.size(), () -> BodyPublishers.ofFile(item.file()));
    }
    if (actions.has("verify")) {
      ObjectNode body = HubPost.object().put("oid", hash).put("size", item.size());
      hub.verify(HubPost.address(actions.path("verify").path("href").asText()), body, item.name());
    }
  }

  private void parts(Item item, String hash, URI complete, JsonNode header) throws IOException {
    long chunk = header.path("chunk_size").asLong();
    TreeMap<Integer, URI> addresses = new TreeMap<>();
    for (Map.Entry<String, JsonNode> part : header.properties()) {
      if (part.getKey().matches("\\d{1,9}")) {
        addresses.put(Integer.valueOf(part.getKey()), HubPost.address(part.getValue().asText()));
      }
    }
    if (chunk <= 0 || addresses.size() != (item.size() + chunk - 1) / chunk) {
      throw new IOException("hub's parts do not make up " + item.name());
    }
    ObjectNode body = HubPost.object().put("oid", hash);
    ArrayNode done = body.putArray("parts");
    long from = 0;
    for (URI to : addresses.values()) {
      long start = from;
      long size = Math.min(chunk, item.size() - from);
      String tag =
          hub.put(to, item.name(), size, () -> FilePart.publisher(item.file(), start, size))
              .orElseThrow(
                  () -> new IOException("storage gave no tag for a part of " + item.name()));
      done.addObject().put("partNumber", done.size()).put("etag", tag);
      from += size;
    }
    hub.complete(complete, body, item.name());
  }

  private String commit(
      List<Item> items, Map<Item, Boolean> large, Map<Item, String> hashes, String message)
      throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    ObjectNode head = HubPost.object().put("key", "header");
    head.putObject("value").put("summary", message).put("description", "");
    HubPost.line(lines, head);
    for (Item item : items) {
      Boolean isLarge = large.get(item);
      if (isLarge == null) {
        continue;
      }
      ObjectNode line = HubPost.object();
      if (isLarge) {
        line.put("key", "lfsFile").putObject("value").put("path", item.name());
        ((ObjectNode) line.path("value"))
            .put("algo", "sha256")
            .put("oid", hashes.get(item))
            .put("size", item.size());
      } else {
        if (item.size() > LARGEST_ORDINARY) {
          throw new InputException(
              item.name() + ": an ordinary file must have at most " + LARGEST_ORDINARY + " bytes");
        }
        line.put("key", "file");
        line.putObject("value")
            .put("content", Base64.getEncoder().encodeToString(Files.readAllBytes(item.file())))
            .put("path", item.name())
            .put("encoding", "base64");
      }
      HubPost.line(lines, line);
    }
    JsonNode answer =
        hub.commit(
            "/api/models/" + repository + "/commit/" + HubClient.encoded(revision),
            lines.toByteArray(),
            repository);
    return answer.path("commitUrl").asText();
  }
}
