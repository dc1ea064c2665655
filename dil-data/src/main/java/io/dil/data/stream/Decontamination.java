package io.dil.data.stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.Example;
import io.dil.data.source.Containers;
import io.dil.data.source.DataFile;
import io.dil.data.source.Row;
import io.dil.data.source.RowReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells examples that share {@value #RUN} words in a row with a text of a list, usually the
 * questions of a benchmark.
 *
 * <p>Words are runs of letters and digits in lower case; what stands between them does not count.
 * The length is that of Brown et al. 2020 ("Language models are few-shot learners", appendix C).
 * Texts with fewer words cannot be told from chance and match nothing.
 */
public final class Decontamination {
  /** How many words in a row count as a copy. */
  public static final int RUN = 13;

  private static final long FACTOR = 0x100000001b3L;

  private final Set<Long> runs = new HashSet<>();

  private Decontamination() {}

  /** Makes a list of texts. */
  public static Decontamination of(List<String> texts) {
    Decontamination list = new Decontamination();
    texts.forEach(text -> runs(text, list.runs::add));
    return list;
  }

  /**
   * Reads every text in the rows of files, whatever its column.
   *
   * @throws InputException if a file cannot be read
   */
  public static Decontamination read(List<Path> files) {
    Decontamination list = new Decontamination();
    for (Path file : files) {
      try (RowReader rows = Containers.open(DataFile.of(file))) {
        for (Row row = rows.next(); row != null; row = rows.next()) {
          list.addAll(row.columns());
        }
      } catch (IOException e) {
        throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
      }
    }
    return list;
  }

  private void addAll(JsonNode value) {
    if (value.isTextual()) {
      runs(value.textValue(), runs::add);
    }
    value.forEach(this::addAll);
  }

  /** Returns how many different runs of words the list holds. */
  public int size() {
    return runs.size();
  }

  /** Returns whether the example's prompt or a response shares a run of words with the list. */
  public boolean matches(Example example) {
    boolean[] found = new boolean[1];
    Consumer<Long> look = run -> found[0] |= runs.contains(run);
    runs(example.prompt().asText(), look);
    example.responses().forEach(text -> runs(text, look));
    return found[0];
  }

  /** Hands out the hash of every run of words, rolling over the last {@value #RUN} of them. */
  private static void runs(String text, Consumer<Long> sink) {
    long[] last = new long[RUN];
    long out = power(RUN);
    long rolling = 0;
    int words = 0;
    String lower = text.toLowerCase(Locale.ROOT);
    int at = 0;
    while (at < lower.length()) {
      if (!Character.isLetterOrDigit(lower.charAt(at))) {
        at++;
        continue;
      }
      long word = 0;
      while (at < lower.length() && Character.isLetterOrDigit(lower.charAt(at))) {
        word = SeededRandom.mix(word + lower.charAt(at) + 1);
        at++;
      }
      rolling = rolling * FACTOR + word - last[words % RUN] * out;
      last[words % RUN] = word;
      words++;
      if (words >= RUN) {
        sink.accept(rolling);
      }
    }
  }

  private static long power(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= FACTOR;
    }
    return power;
  }
}
