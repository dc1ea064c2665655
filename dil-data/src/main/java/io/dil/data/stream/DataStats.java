package io.dil.data.stream;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.data.Drop;
import io.dil.data.Example;
import io.dil.data.Parsed;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.token.ExampleTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a data set holds: how many rows are kept and dropped, how long they are, how many are the
 * same, and whether the chosen responses are longer than the rejected ones.
 *
 * <p>Lengths are tokens before truncation if there is a tokenizer, otherwise characters. They are
 * counted for the rows that are kept.
 */
public final class DataStats {
  private final DropCounts drops = new DropCounts();
  private final Map<String, Lengths> lengths = new TreeMap<>();
  private final boolean inTokens;
  private long rows;
  private long kept;
  private long truncated;
  private long duplicates;
  private long pairs;
  private long chosenLonger;
  private long chosenShorter;
  private long difference;

  private DataStats(boolean inTokens) {
    this.inTokens = inTokens;
  }

  /**
   * Goes through one epoch of the data.
   *
   * @param config which rows
   * @param tokenizer the model's tokenizer; without one only the text is looked at
   * @throws InputException if a row is malformed and such rows are not skipped
   */
  public static DataStats of(DataConfig config, Optional<ExampleTokenizer> tokenizer) {
    DataStats stats = new DataStats(tokenizer.isPresent());
    SeenKeys seen = new SeenKeys();
    Measuring measuring = new Measuring(config, tokenizer.orElse(null));
    try (WorkAhead<Measured> ahead =
        new WorkAhead<>(new DataFiles(config).epoch(0), measuring::measure, config.threads())) {
      for (Measured row = ahead.next(); row != null; row = ahead.next()) {
        if (row.error() != null) {
          throw row.error();
        }
        stats.add(row, row.key() != null && !seen.add(row.key()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return stats;
  }

  private void add(Measured row, boolean duplicate) {
    rows++;
    if (duplicate) {
      duplicates++;
    }
    if (row.drop() != null) {
      drops.add(row.drop());
      return;
    }
    kept++;
    truncated += row.truncated() ? 1 : 0;
    count("prompt", row.prompt());
    if (row.rejected() < 0) {
      count("response", row.chosen());
      return;
    }
    count("chosen", row.chosen());
    count("rejected", row.rejected());
    pairs++;
    chosenLonger += row.chosen() > row.rejected() ? 1 : 0;
    chosenShorter += row.chosen() < row.rejected() ? 1 : 0;
    difference += row.chosen() - row.rejected();
  }

  private void count(String what, int length) {
    lengths.computeIfAbsent(what, name -> new Lengths()).add(length);
  }

  /** Returns how many rows there are. */
  public long rows() {
    return rows;
  }

  /** Returns how many of them a run would train on. */
  public long kept() {
    return kept;
  }

  /** Returns why the others are left out. */
  public DropCounts drops() {
    return drops;
  }

  /** Returns whether lengths are counted in tokens; otherwise they are characters. */
  public boolean inTokens() {
    return inTokens;
  }

  /** Returns the lengths by what they are of: prompt, chosen, rejected, response. */
  public Map<String, Lengths> lengths() {
    return lengths;
  }

  /** Returns the share of kept rows that truncation shortens. */
  public double truncatedShare() {
    return share(truncated, kept);
  }

  /** Returns how many rows repeat an earlier one, prompt and responses alike. */
  public long duplicates() {
    return duplicates;
  }

  /** Returns the share of pairs whose chosen response is the longer one; ties are neither. */
  public double chosenLongerShare() {
    return share(chosenLonger, pairs);
  }

  /** Returns the share of pairs whose chosen response is the shorter one. */
  public double chosenShorterShare() {
    return share(chosenShorter, pairs);
  }

  /** Returns by how much chosen responses are longer than rejected ones on average. */
  public double meanLengthDifference() {
    return share(difference, pairs);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** What one row measures; {@code rejected} is -1 for a single response. */
  private record Measured(
      @Nullable Drop drop,
      @Nullable ContentKey key,
      int prompt,
      int chosen,
      int rejected,
      boolean truncated,
      @Nullable InputException error) {
    static Measured dropped(Drop drop, @Nullable ContentKey key) {
      return new Measured(drop, key, 0, 0, -1, false, null);
    }
  }

  /** Measures rows one by one, on any thread. */
  private record Measuring(DataConfig config, @Nullable ExampleTokenizer tokenizer) {
    Measured measure(Rows.FormattedRow row) {
      try {
        Parsed parsed = row.read();
        if (!(parsed instanceof Example example)) {
          return Measured.dropped((Drop) parsed, null);
        }
        ContentKey key = ContentKey.of(example);
        return tokenizer == null ? inCharacters(example, key) : inTokens(example, key, tokenizer);
      } catch (InputException e) {
        return config.onBadRow() == DataConfig.OnBadRow.SKIP
            ? Measured.dropped(Drop.BAD_ROW, null)
            : new Measured(null, null, 0, 0, -1, false, e);
      }
    }

    private static Measured inCharacters(Example example, ContentKey key) {
      Optional<Drop> unusable = example.unusable();
      if (unusable.isPresent()) {
        return Measured.dropped(unusable.get(), key);
      }
      int prompt = example.prompt().asText().length();
      int first = example.responses().get(0).length();
      int second = example.responses().size() > 1 ? example.responses().get(1).length() : -1;
      return new Measured(null, key, prompt, first, second, false, null);
    }

    private static Measured inTokens(Example example, ContentKey key, ExampleTokenizer tokenizer) {
      Tokenized whole = tokenizer.tokenizeWhole(example);
      if (!(whole instanceof TokenizedExample uncut)) {
        return Measured.dropped((Drop) whole, key);
      }
      if (!(tokenizer.cut(uncut) instanceof TokenizedExample cut)) {
        return Measured.dropped((Drop) tokenizer.cut(uncut), key);
      }
      TokenGroup group = uncut.tokens();
      Tokens first = group.responses().get(0);
      int second = uncut.isPair() ? group.responses().get(1).size() : -1;
      boolean truncated = !cut.tokens().equals(group);
      return new Measured(null, key, group.prompt().size(), first.size(), second, truncated, null);
    }
  }
}
