package io.dil.data.stream;

import io.dil.core.InputException;
import io.dil.data.Drop;
import io.dil.data.Example;
import io.dil.data.Parsed;
import io.dil.data.PreferencePair;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.token.ExampleTokenizer;
import org.jspecify.annotations.Nullable;

/** What is done to one row apart from all others: decode, split, tokenise, filter. Thread-safe. */
final class RowWork {
  private final DataConfig config;
  private final ExampleTokenizer tokenizer;

  RowWork(DataConfig config, ExampleTokenizer tokenizer) {
    this.config = config;
    this.tokenizer = tokenizer;
  }

  /**
   * What became of a row.
   *
   * @param result tokens or a drop; null for an error
   * @param key the content's key, if duplicates are looked for
   * @param error what is wrong with the row, if that ends the run
   */
  record Outcome(
      @Nullable Tokenized result, @Nullable ContentKey key, @Nullable InputException error) {
    /** What stands for a row that another process works on. */
    static final Outcome ELSEWHERE = new Outcome(null, null, null);

    /** Returns whether it is known what became of the row. */
    boolean isKnown() {
      return result != null || error != null;
    }
  }

  /** Works on a row; an error is kept, to surface behind the examples before it. */
  Outcome outcome(Rows.FormattedRow row) {
    if (!row.isHere()) {
      return Outcome.ELSEWHERE;
    }
    try {
      Parsed parsed = read(row);
      if (!(parsed instanceof Example example)) {
        return new Outcome((Drop) parsed, null, null);
      }
      ContentKey key = config.filters().dedupe() ? ContentKey.of(example) : null;
      Example whole =
          config.margins() && example instanceof PreferencePair pair
              ? row.withMargin(pair)
              : example;
      return new Outcome(filter(tokenized(row, whole)), key, null);
    } catch (InputException e) {
      return config.onBadRow() == DataConfig.OnBadRow.SKIP
          ? new Outcome(Drop.BAD_ROW, null, null)
          : new Outcome(null, null, e);
    }
  }

  /** Decodes a row and asks whether this side of the split, and no test, has its text. */
  Parsed read(Rows.FormattedRow row) {
    Parsed parsed = row.read();
    if (!(parsed instanceof Example example)) {
      return parsed;
    }
    if (!isWanted(example)) {
      return Drop.OTHER_SPLIT;
    }
    boolean seen =
        config.filters().decontamination().map(list -> list.matches(example)).orElse(false);
    return seen ? Drop.CONTAMINATED : example;
  }

  private Tokenized tokenized(Rows.FormattedRow row, Example example) {
    try {
      return tokenizer.tokenize(example);
    } catch (InputException e) {
      // A template that fails over one row says nothing of where the row is.
      throw new InputException(row.row().place() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Returns the key under which a row that lies behind the position would have been remembered, or
   * null if it was not.
   */
  @Nullable ContentKey keyOf(Rows.FormattedRow row) {
    try {
      return row.read() instanceof Example example
              && isWanted(example)
              && !config
                  .filters()
                  .decontamination()
                  .map(list -> list.matches(example))
                  .orElse(false)
          ? ContentKey.of(example)
          : null;
    } catch (InputException e) {
      // The row was already counted as bad when it was first read; a run that fails never gets
      // here.
      return null;
    }
  }

  private boolean isWanted(Example example) {
    if (config.split() == DataConfig.Split.ALL || config.holdout() == 0) {
      return config.split() != DataConfig.Split.EVAL;
    }
    boolean heldOut = ContentKey.ofPrompt(example).fraction() < config.holdout();
    return heldOut == (config.split() == DataConfig.Split.EVAL);
  }

  private Tokenized filter(Tokenized tokenized) {
    if (tokenized instanceof TokenizedExample example) {
      if (example.maxLength() > config.filters().maxLength()) {
        return Drop.TOO_LONG;
      }
      if (example.maxLength() < config.filters().minLength()) {
        return Drop.TOO_SHORT;
      }
    }
    return tokenized;
  }
}
