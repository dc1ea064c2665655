package io.dil.data.hub;

import io.dil.core.InputException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What a hub, or an address, may call things. Names become parts of paths in the cache, so one that
 * is no hash, no branch or no plain path never gets there.
 */
final class HubNames {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  private HubNames() {}

  /** Returns whether a text is the hash of a commit, as git writes SHA-1 or SHA-256. */
  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** Returns a commit that a hub named. */
  static String commit(HubAddress address, String commit) {
    if (!isCommit(commit)) {
      throw new InputException(
          address + ": hub must name a commit by its hash, got " + shown(commit));
    }
    return commit;
  }

  /** Returns the path of a file that a hub named. */
  static String path(HubAddress address, String path) {
    if (!isPlain(path)) {
      throw new InputException(
          address + ": hub must name paths inside the repository, got " + shown(path));
    }
    return path;
  }

  /** Returns whether a text is a relative path that stays where it begins. */
  static boolean isPlain(String path) {
    return !path.isEmpty()
        && path.chars().noneMatch(c -> Character.isISOControl(c) || c == '\\' || c == ':')
        && Arrays.stream(path.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  private static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return "'" + (plain.length() > 80 ? plain.substring(0, 80) + "..." : plain) + "'";
  }
}
