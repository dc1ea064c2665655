package io.dil.data.format;

import io.dil.core.InputException;
import io.dil.data.Example;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Data sets that a program makes: {@code java:NAME} in a configuration is the set that was put here
 * under that name.
 *
 * <p>Every call of the supplier must give the same examples in the same order; they are gone
 * through once an epoch, and once to tell later whether they are still the same.
 *
 * <p>For any number of threads.
 */
public final class JavaExamples {
  /** What stands before the name. */
  public static final String FORMAT = "java";

  private static final Map<String, Supplier<? extends Iterator<? extends Example>>> ALL =
      new ConcurrentHashMap<>();

  private JavaExamples() {}

  /** Puts a data set under a name; one that has the name already is replaced. */
  public static void put(String name, Supplier<? extends Iterator<? extends Example>> examples) {
    ALL.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(examples, "examples"));
  }

  /** Takes a data set away, if it is there. */
  public static void remove(String name) {
    ALL.remove(Objects.requireNonNull(name, "name"));
  }

  /**
   * Goes through a data set.
   *
   * @throws InputException if none has the name
   */
  public static Iterator<? extends Example> open(String name) {
    Supplier<? extends Iterator<? extends Example>> examples = ALL.get(name);
    if (examples == null) {
      throw new InputException(
          "java:" + name + ": a program must put a data set there, got " + ALL.keySet());
    }
    return examples.get();
  }
}
