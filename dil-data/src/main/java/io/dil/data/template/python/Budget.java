package io.dil.data.template.python;

/**
 * What one rendering may use: steps, memory and depth.
 *
 * <p>Everything is counted and no clock is read, so that a row that renders once renders always, on
 * a busy machine too. A step costs some 20 ns; loops inside filters, formatting and comparison
 * count as steps as well as those of the template.
 */
public final class Budget {
  /** Steps of one rendering; a long conversation takes some 100 000. */
  public static final long MOST_STEPS = 10_000_000;

  /**
   * Characters that one rendering makes, all told: those of its texts and 16 for an element of a
   * list.
   */
  public static final long MOST_CHARACTERS = 64L << 20;

  /** Characters of one text. No published conversation comes near. */
  public static final int LONGEST_TEXT = 16 << 20;

  /** Macros, recursive loops and calls inside one another. */
  private static final int DEEPEST = 200;

  /** A step looks at this many characters. */
  private static final int CHARACTERS_OF_STEP = 16;

  /** An element of a list is often a short text, which takes as much memory. */
  private static final int CHARACTERS_OF_ELEMENT = 16;

  private long steps;
  private long characters;
  private int depth;

  /** Counts a step. */
  public void step() {
    if (++steps > MOST_STEPS) {
      throw tooManySteps();
    }
  }

  /** Counts many steps at once. */
  public void steps(long many) {
    steps += many;
    if (steps > MOST_STEPS) {
      throw tooManySteps();
    }
  }

  private static RenderError tooManySteps() {
    return RenderError.limit("template must end within " + MOST_STEPS + " steps, went on");
  }

  /** Counts the reading of a text. */
  public void read(int length) {
    steps(length / CHARACTERS_OF_STEP + 1);
  }

  /** Counts the making of a text, before it is made. */
  public void text(long length) {
    if (length > LONGEST_TEXT) {
      throw RenderError.limit(
          "text must be of at most " + LONGEST_TEXT + " characters, got " + length);
    }
    take(length);
    steps(length / CHARACTERS_OF_STEP + 1);
  }

  /** Counts the making of elements of a list, before they are made. */
  public void elements(long many) {
    take(CHARACTERS_OF_ELEMENT * many);
    steps(many);
  }

  private void take(long many) {
    characters += many;
    if (characters > MOST_CHARACTERS) {
      throw RenderError.limit(
          "template must make at most " + MOST_CHARACTERS + " characters of text, made more");
    }
  }

  /** Goes one call deeper. */
  public void enter() {
    if (++depth > DEEPEST) {
      throw RenderError.limit("calls must be nested at most " + DEEPEST + " deep, went deeper");
    }
  }

  /** Comes back from a call. */
  public void leave() {
    depth--;
  }
}
