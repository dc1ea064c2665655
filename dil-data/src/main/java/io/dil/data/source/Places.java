package io.dil.data.source;

import io.dil.core.InputException;
import io.dil.data.hub.Hub;
import io.dil.data.hub.HubAddress;
import io.dil.data.hub.HubSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the files that a place means: a file, every data file of a folder, or a glob. */
public final class Places {
  /** The endings that a folder is searched for; a file named in full may have any. */
  private static final Set<String> ENDINGS =
      Set.of(
          ".jsonl",
          ".json",
          ".csv",
          ".parquet",
          ".jsonl.gz",
          ".json.gz",
          ".csv.gz",
          ".jsonl.zst",
          ".json.zst",
          ".csv.zst");

  private Places() {}

  /**
   * Returns the files of a place in the order of their names; at least one.
   *
   * @throws InputException if there is none
   */
  public static List<DataFile> files(String place) {
    if (place.startsWith(HubAddress.SCHEME)) {
      HubAddress address = HubAddress.parse(place);
      return new Hub(HubSettings.ofEnvironment())
          .files(address, Places::hasEnding).stream().map(DataFile::of).toList();
    }
    Path path;
    try {
      path = Path.of(place);
    } catch (InvalidPathException e) {
      throw new InputException(place + ": not a path: " + e.getReason(), e);
    }
    if (Files.isDirectory(path)) {
      return found(place, path, file -> hasEnding(file) && !isHidden(file));
    }
    if (Files.exists(path)) {
      return List.of(DataFile.of(path));
    }
    int wild = firstWild(place);
    if (wild < 0) {
      throw new InputException(place + ": no such file or folder");
    }
    Path root = Path.of(place.substring(0, place.lastIndexOf('/', wild) + 1));
    if (!Files.isDirectory(root.toAbsolutePath())) {
      throw new InputException(place + ": no such folder " + root);
    }
    PathMatcher matcher;
    try {
      matcher = FileSystems.getDefault().getPathMatcher("glob:" + place);
    } catch (PatternSyntaxException e) {
      throw new InputException(place + ": not a glob: " + e.getDescription(), e);
    }
    return found(place, root, matcher::matches);
  }

  private static List<DataFile> found(
      String place, Path root, java.util.function.Predicate<Path> wanted) {
    try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      // Sorted by their text, so that the order is the same on every file system.
      List<DataFile> files =
          walk.filter(Files::isRegularFile)
              .filter(wanted)
              .map(Path::toString)
              .sorted()
              .map(Path::of)
              .map(DataFile::of)
              .collect(Collectors.toList());
      if (files.isEmpty()) {
        throw new InputException(place + ": place must hold at least one data file, got none");
      }
      return files;
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(place + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static int firstWild(String place) {
    for (int i = 0; i < place.length(); i++) {
      if ("*?[{".indexOf(place.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private static boolean hasEnding(Path file) {
    return hasEnding(String.valueOf(file.getFileName()));
  }

  private static boolean hasEnding(String path) {
    String name = path.toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith)
        || Containers.ownEndings().stream().anyMatch(name::endsWith);
  }

  private static boolean isHidden(Path file) {
    return String.valueOf(file.getFileName()).startsWith(".");
  }
}
