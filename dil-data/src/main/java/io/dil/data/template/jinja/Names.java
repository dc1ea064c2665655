package io.dil.data.template.jinja;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that one piece of a template reads and sets, in the order in which jinja2's compiler
 * meets them: what it needs to know which variable a name means.
 */
final class Names {
  private final @Nullable Names parent;

  /** Whether the first thing that happens to a name is that it is set, under no condition. */
  private final Map<String, Boolean> setFirst = new LinkedHashMap<>();

  /** Names read anywhere inside, pieces within this one included. */
  private final Set<String> read = new HashSet<>();

  private final Set<String> setBeforeRead = new HashSet<>();
  private int branches;
  private volatile @Nullable Set<String> missing;

  Names(@Nullable Names parent) {
    this.parent = parent;
  }

  /** Begins a part that may not run. */
  void enterBranch() {
    branches++;
  }

  void leaveBranch() {
    branches--;
  }

  /** Returns whether what is being read may not run. */
  boolean isBranch() {
    return branches > 0;
  }

  void read(String name) {
    setFirst.putIfAbsent(name, false);
    for (Names piece = this; piece != null; piece = piece.parent) {
      if (!piece.setBeforeRead.contains(name)) {
        piece.read.add(name);
      }
    }
  }

  void set(String name) {
    setFirst.putIfAbsent(name, branches == 0);
    for (Names piece = this; piece != null; piece = piece.parent) {
      piece.setBeforeRead.add(name);
    }
  }

  /** A parameter has a value from the start. */
  void parameter(String name) {
    setFirst.put(name, false);
    for (Names piece = parent; piece != null; piece = piece.parent) {
      piece.setBeforeRead.add(name);
    }
  }

  boolean reads(String name) {
    return read.contains(name);
  }

  /** Returns the names that hide outer ones before they are set; asked for when all is parsed. */
  Set<String> missing() {
    Set<String> known = missing;
    if (known == null) {
      Set<String> found = new HashSet<>();
      setFirst.forEach(
          (name, first) -> {
            if (first && !isKnownOutside(name)) {
              found.add(name);
            }
          });
      known = Set.copyOf(found);
      missing = known;
    }
    return known;
  }

  private boolean isKnownOutside(String name) {
    for (Names outer = parent; outer != null; outer = outer.parent) {
      if (outer.setFirst.containsKey(name)) {
        return true;
      }
    }
    return false;
  }
}
