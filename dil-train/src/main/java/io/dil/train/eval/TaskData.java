package io.dil.train.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.InputException;
import io.dil.data.source.Containers;
import io.dil.data.source.DataFile;
import io.dil.data.source.Places;
import io.dil.data.source.Row;
import io.dil.data.source.RowReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a task.
 *
 * @param repository the data set on the hub, {@code ORG/NAME}; empty for none
 * @param splits for every split, the files that may hold it, best first: the hub's layout, then
 *     others that are published; {@code *} stands for any text within a file's name
 * @param unfold columns that hold rows: where a row has one, its elements are the rows, with the
 *     other columns beside their own
 * @param where what a row's columns must say for it to count
 */
public record TaskData(
    String repository,
    Map<String, List<String>> splits,
    List<String> unfold,
    Map<String, String> where) {
  private static final String HUB = "hf://";

  /**
   * A row and where it stands.
   *
   * @param place {@code file:line}
   * @param columns what it says
   */
  record Located(String place, JsonNode columns) {}

  /** Returns whether the task has a split of that name. */
  boolean has(String split) {
    return splits.containsKey(split);
  }

  /**
   * Reads a split.
   *
   * @param task for errors
   * @param place a folder, or {@code hf://datasets/ORG/NAME}; null for the task's own repository
   */
  List<Located> read(String task, @Nullable String place, String split) {
    List<String> patterns = splits.getOrDefault(split, List.of());
    if (patterns.isEmpty()) {
      throw new InputException(task + ": task must say where its split '" + split + "' is");
    }
    List<Located> rows = new ArrayList<>();
    for (DataFile file : files(task, place, patterns)) {
      try (RowReader reader = Containers.open(file)) {
        for (Row row = reader.next(); row != null; row = reader.next()) {
          add(row.place(), row.columns(), rows);
        }
      } catch (IOException e) {
        throw new InputException(file.shown() + ": cannot be read: " + e.getMessage(), e);
      }
    }
    if (rows.isEmpty()) {
      throw new InputException(
          task + ": split '" + split + "' must have a row" + (where.isEmpty() ? "" : " " + where));
    }
    return rows;
  }

  private List<DataFile> files(String task, @Nullable String place, List<String> patterns) {
    if (place == null) {
      if (repository.isEmpty()) {
        throw new InputException(task + ": --data must say where the rows are");
      }
      return Places.files(HUB + "datasets/" + repository + "/" + patterns.get(0));
    }
    if (place.startsWith(HUB)) {
      return Places.files(place.replaceAll("/+$", "") + "/" + patterns.get(0));
    }
    Path folder = Path.of(place);
    if (!Files.isDirectory(folder)) {
      throw new InputException(place + ": no such folder");
    }
    String name = repository.substring(repository.indexOf('/') + 1);
    for (Path root : List.of(folder, folder.resolve(name), folder.resolve(repository))) {
      for (String pattern : patterns) {
        List<DataFile> found = found(root, pattern);
        if (!found.isEmpty()) {
          return found;
        }
      }
    }
    throw new InputException(
        place + ": folder must hold one of " + String.join(", ", patterns) + " for " + task);
  }

  private static List<DataFile> found(Path root, String pattern) {
    Path file = root.resolve(pattern.replace("*", "_"));
    Path folder = file.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return List.of();
    }
    String name = pattern.substring(pattern.lastIndexOf('/') + 1);
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> matching = Files.newDirectoryStream(folder, name)) {
      matching.forEach(all::add);
    } catch (IOException e) {
      throw new InputException(folder + ": cannot be read: " + e.getMessage(), e);
    }
    return all.stream().sorted().map(DataFile::of).toList();
  }

  private void add(String place, JsonNode row, List<Located> rows) {
    for (String column : unfold) {
      JsonNode inner = row.path(column);
      if (inner.isArray()) {
        ObjectNode outer = ((ObjectNode) row).without(column).deepCopy();
        for (JsonNode element : inner) {
          if (!element.isObject()) {
            throw new InputException(place + ": " + column + " must hold rows, got " + element);
          }
          ObjectNode whole = outer.deepCopy();
          whole.setAll((ObjectNode) element);
          add(place, whole, rows);
        }
        return;
      }
    }
    for (Map.Entry<String, String> rule : where.entrySet()) {
      JsonNode value = row.path(rule.getKey());
      if (value.isMissingNode()) {
        throw new InputException(place + ": row must have " + rule.getKey() + ", got none");
      }
      if (!value.asText().equals(rule.getValue())) {
        return;
      }
    }
    rows.add(new Located(place, row));
  }
}
