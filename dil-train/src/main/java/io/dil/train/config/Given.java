package io.dil.train.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings as they were given: a value for each key, in order, and where it stands. Not checked:
 * {@link TrainingConfig} does that.
 */
public final class Given {
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private record Entry(@Nullable Object value, String place) {}

  private final String file;

  /**
   * Makes one without keys.
   *
   * @param file where most keys stand; empty where there is no file
   */
  public Given(String file) {
    this.file = file;
  }

  /** Returns settings that stand in no file. */
  public static Given of(Map<String, ?> values) {
    Given given = new Given("");
    values.forEach((key, value) -> given.put(key, value, ""));
    return given;
  }

  /**
   * Sets a key.
   *
   * @param value what YAML holds: text, number, true or false, list, map or null
   * @param place {@code file:line}, or nothing where it stands in no file
   */
  public void put(String key, @Nullable Object value, String place) {
    entries.put(key, new Entry(value, place));
  }

  /** Removes a key, if it is there. */
  public void remove(String key) {
    entries.remove(key);
  }

  /** Returns a copy that changes for itself. */
  public Given copy() {
    Given copy = new Given(file);
    copy.entries.putAll(entries);
    return copy;
  }

  /** Returns whether a key is there, with or without a value. */
  public boolean has(String key) {
    return entries.containsKey(key);
  }

  /** Returns the value of a key; null where there is none. */
  public @Nullable Object get(String key) {
    Entry entry = entries.get(key);
    return entry == null ? null : entry.value();
  }

  /** Returns the value of a key as text; {@code null} where there is none. */
  String text(String key) {
    return String.valueOf(get(key)).trim();
  }

  /** Returns where a key stands, {@code file:line}; empty where it stands in no file. */
  public String place(String key) {
    Entry entry = entries.get(key);
    return entry == null ? "" : entry.place();
  }

  /** Returns a problem of a key, with the place where it stands. */
  public String problem(String key, String text) {
    String place = has(key) ? place(key) : file;
    return place.isEmpty() ? text : place + ": " + text;
  }

  /** Returns all keys in order. */
  public List<String> keys() {
    return List.copyOf(entries.keySet());
  }
}
