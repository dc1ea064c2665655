package io.dil.data.hub;

import io.dil.core.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names files of a repository on the hub: {@code hf://datasets/ORG/NAME[@REVISION]/PATH}, or {@code
 * hf://models/…} for a model.
 *
 * @param kind what the repository holds
 * @param repository {@code ORG/NAME}
 * @param revision a branch, tag or commit
 * @param path a file, a folder or a glob inside it; empty for all of it
 */
public record HubAddress(Kind kind, String repository, String revision, String path) {
  /** What every such address begins with. */
  public static final String SCHEME = "hf://";

  /** The branch that is meant where none is named, as in huggingface_hub. */
  public static final String DEFAULT_REVISION = "main";

  private static final Pattern ADDRESS =
      Pattern.compile("hf://(datasets|models)/([\\w.-]+/[\\w.-]+?)(?:@([^/]+))?(?:/(.*))?");

  /** What a repository holds. */
  public enum Kind {
    /** Rows. */
    DATASET("datasets"),
    /** Weights and what goes with them. */
    MODEL("models");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** Returns the word in addresses, in the hub's API and in the cache's folder names. */
    public String word() {
      return word;
    }
  }

  /**
   * Reads an address.
   *
   * @throws InputException if it is not one
   */
  public static HubAddress parse(String address) {
    Matcher parts = ADDRESS.matcher(address);
    boolean control = address.chars().anyMatch(Character::isISOControl);
    if (!parts.matches() || hasDots(address) || hasDots(parts.group(2)) || control) {
      throw new InputException(
          "hub address must be hf://datasets/ORG/NAME[@REVISION]/PATH or hf://models/..., got "
              + address.replaceAll("\\p{Cntrl}", "?"));
    }
    // A slash within a revision is written %2F, as huggingface_hub has it.
    String revision =
        parts.group(3) == null ? DEFAULT_REVISION : parts.group(3).replace("%2F", "/");
    if (!HubNames.isPlain(revision)) {
      throw new InputException(
          "revision of a hub address must be a branch, tag or commit, got " + revision);
    }
    String path = parts.group(4);
    return new HubAddress(
        parts.group(1).equals(Kind.DATASET.word()) ? Kind.DATASET : Kind.MODEL,
        parts.group(2),
        revision,
        path == null ? "" : path);
  }

  private static boolean hasDots(String address) {
    return ("/" + address + "/").contains("/../") || ("/" + address + "/").contains("/./");
  }

  /** Returns the name of the repository's folder in the cache. */
  String cacheFolder() {
    return kind.word() + "--" + repository.replace("/", "--");
  }

  @Override
  public String toString() {
    String at = revision.equals(DEFAULT_REVISION) ? "" : "@" + revision;
    return SCHEME + kind.word() + "/" + repository + at + (path.isEmpty() ? "" : "/" + path);
  }
}
