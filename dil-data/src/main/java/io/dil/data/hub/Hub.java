package io.dil.data.hub;

import io.dil.core.InputException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;

/**
 * Fetches files from the Hugging Face hub into the cache that the Python tools use, and finds what
 * they have put there.
 */
public final class Hub {
  private static final long STALL_SECONDS = 60;

  private final HubSettings settings;
  private final HubClient client;
  private final long stallSeconds;

  /** Uses a hub and its cache. */
  public Hub(HubSettings settings) {
    this(settings, STALL_SECONDS);
  }

  Hub(HubSettings settings, long stallSeconds) {
    this.settings = settings;
    this.client = new HubClient(settings);
    this.stallSeconds = stallSeconds;
  }

  /**
   * Returns the files that an address means, in the order of their paths, fetched if they are not
   * in the cache.
   *
   * @param address a file, a folder or a glob in a repository
   * @param wanted which files of a folder are meant, by path; a file named in full is always meant
   * @return where they lie; at least one
   * @throws InputException if there are none, or they cannot be had
   */
  public List<Path> files(HubAddress address, Predicate<String> wanted) {
    HubCache cache = new HubCache(settings.cache(), address);
    try {
      return settings.offline() ? cached(address, cache, wanted) : fetched(address, cache, wanted);
    } catch (ConnectException e) {
      throw new InputException(
          address
              + ": no connection to "
              + settings.endpoint()
              + "; with HF_HUB_OFFLINE=1 only the cache is used",
          e);
    } catch (IOException e) {
      throw new InputException(address + ": cannot be fetched: " + e.getMessage(), e);
    }
  }

  private List<Path> fetched(HubAddress address, HubCache cache, Predicate<String> wanted)
      throws IOException {
    HubClient.Revision revision = client.revision(address);
    List<Path> files = new ArrayList<>();
    for (String path : matching(address, revision.files(), wanted)) {
      Path file = cache.file(revision.commit(), path);
      // A commit's file never changes, so what is there needs no question.
      if (!Files.exists(file)) {
        fetch(address, cache, revision.commit(), path);
      }
      files.add(file);
    }
    cache.remember(address.revision(), revision.commit());
    return files;
  }

  private void fetch(HubAddress address, HubCache cache, String commit, String path)
      throws IOException {
    HubClient.FileFacts facts = client.facts(address, commit, path);
    Path blob = cache.blob(facts.etag());
    if (!Files.exists(blob)) {
      String name = address.kind().word() + "/" + address.repository() + "/" + path;
      new Download(
              HubAddress.SCHEME + name,
              from -> client.bytes(address, commit, path, from),
              facts,
              blob,
              stallSeconds)
          .run();
    }
    cache.link(commit, path, facts.etag());
  }

  private List<Path> cached(HubAddress address, HubCache cache, Predicate<String> wanted)
      throws IOException {
    Optional<String> commit = cache.commit(address.revision());
    if (commit.isEmpty()) {
      throw new InputException(
          address + ": not in the cache " + settings.cache() + ", and HF_HUB_OFFLINE is set");
    }
    return matching(address, cache.files(commit.get()), wanted).stream()
        .map(path -> cache.file(commit.get(), path))
        .toList();
  }

  private static List<String> matching(
      HubAddress address, List<String> all, Predicate<String> wanted) {
    String path = address.path();
    if (all.contains(path)) {
      return List.of(path);
    }
    String folder = path.isEmpty() || path.endsWith("/") ? path : path + "/";
    PathMatcher glob;
    try {
      glob = FileSystems.getDefault().getPathMatcher("glob:" + path);
    } catch (PatternSyntaxException e) {
      throw new InputException(address + ": not a glob: " + e.getDescription(), e);
    }
    List<String> found =
        all.stream()
            .filter(
                file ->
                    glob.matches(Path.of(file)) || (file.startsWith(folder) && wanted.test(file)))
            .sorted()
            .toList();
    if (found.isEmpty()) {
      throw new InputException(address + ": no such file in the repository, and none that matches");
    }
    return found;
  }
}
