package io.dil.data.template.python;

import java.util.Iterator;
import java.util.Map;

/**
 * What {@code keys()}, {@code values()} and {@code items()} of a dictionary give.
 *
 * @param dict the dictionary
 * @param kind which of the three
 */
public record DictView(PyDict dict, Kind kind) {
  /** What of the entries is seen. */
  public enum Kind {
    /** The keys. */
    KEYS,
    /** The values. */
    VALUES,
    /** Tuples of key and value. */
    ITEMS
  }

  /** Returns what the view shows of each entry. */
  public Iterator<Object> iterator() {
    Iterator<Map.Entry<Object, Object>> entries = dict.entries().iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Object next() {
        Map.Entry<Object, Object> entry = entries.next();
        return switch (kind) {
          case KEYS -> dict.key(entry);
          case VALUES -> entry.getValue();
          case ITEMS -> PyTuple.of(dict.key(entry), entry.getValue());
        };
      }
    };
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
