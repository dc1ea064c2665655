package io.dil.data.template.python;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A dictionary: keeps the order of insertion; {@code 1}, {@code 1.0} and {@code True} are one key.
 */
public final class PyDict {
  private final Map<Object, Object> values = new LinkedHashMap<>();

  /** The keys as they were given, where that is not the form that they are looked up by. */
  private final Map<Object, Object> given = new HashMap<>();

  /** Returns the value of a key, or null. */
  public @Nullable Object get(Object key) {
    return values.get(Keys.of(key));
  }

  /** Returns the value of a key that is text, or null. */
  public @Nullable Object get(String key) {
    return values.get(key);
  }

  /** Sets the value of a key; only while the dictionary is being made. */
  public void put(Object key, Object value) {
    Object form = Keys.of(key);
    if (form != key && !values.containsKey(form)) {
      given.put(form, key);
    }
    values.put(form, value);
  }

  /** Adds the entries of another dictionary. */
  public void putAll(PyDict other) {
    for (Map.Entry<Object, Object> entry : other.entries()) {
      put(other.key(entry), entry.getValue());
    }
  }

  /** Returns whether there is such a key. */
  public boolean has(Object key) {
    return values.containsKey(Keys.of(key));
  }

  /** Returns the number of entries. */
  public int size() {
    return values.size();
  }

  /** Returns the entries, by the form that keys are looked up by. */
  public Set<Map.Entry<Object, Object>> entries() {
    return values.entrySet();
  }

  /** Returns an entry's key as it was given. */
  public Object key(Map.Entry<Object, Object> entry) {
    return given.isEmpty() ? entry.getKey() : given.getOrDefault(entry.getKey(), entry.getKey());
  }
}
