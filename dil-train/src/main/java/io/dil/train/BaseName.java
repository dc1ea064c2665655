package io.dil.train;

import io.dil.data.hub.HubAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A model as PEFT's files and model cards name it: {@code ORG/NAME} for one of the hub, else a
 * folder.
 *
 * @param name the name or folder
 * @param revision a revision of the hub; empty for none in particular
 */
public record BaseName(String name, String revision) {
  private static final Pattern OF_HUB = Pattern.compile("[\\w.-]+/[\\w.-]+");

  /** Returns the name of what {@code model_name_or_path} says. */
  public static BaseName of(String place) {
    if (!place.startsWith(HubAddress.SCHEME)) {
      return new BaseName(place, "");
    }
    String rest = place.substring(HubAddress.SCHEME.length()).replaceFirst("^models/", "");
    int at = rest.indexOf('@');
    return at < 0
        ? new BaseName(rest, "")
        : new BaseName(rest.substring(0, at), rest.substring(at + 1));
  }

  /** Returns whether it can only be a name of the hub: no folder here is called so. */
  public boolean isOfHub() {
    return OF_HUB.matcher(name).matches() && !Files.isDirectory(Path.of(name));
  }

  /** Returns the place as {@link Models#folder} takes it. */
  public String place() {
    return isOfHub() ? HubAddress.SCHEME + name + (revision.isEmpty() ? "" : "@" + revision) : name;
  }
}
