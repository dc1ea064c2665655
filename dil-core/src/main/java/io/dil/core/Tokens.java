package io.dil.core;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An immutable run of token ids.
 *
 * <p>Two are equal when they hold the same ids in the same order, which is how a pair whose
 * responses have become identical is recognised.
 */
public final class Tokens {
  private static final Tokens EMPTY = new Tokens(new int[0]);

  private final int[] ids;

  private Tokens(int[] ids) {
    this.ids = ids;
  }

  /** Returns the tokens with the given ids; the array is copied. */
  public static Tokens of(int... ids) {
    return ids.length == 0 ? EMPTY : new Tokens(ids.clone());
  }

  /** Returns the number of tokens. */
  public int size() {
    return ids.length;
  }

  /** Returns whether there are no tokens. */
  public boolean isEmpty() {
    return ids.length == 0;
  }

  /** Returns the id at {@code index}, counted from 0. */
  public int get(int index) {
    return ids[index];
  }

  /** Returns the tokens from {@code from} (inclusive) to {@code to} (exclusive). */
  public Tokens slice(int from, int to) {
    int[] part = Arrays.copyOfRange(ids, from, to);
    return part.length == 0 ? EMPTY : new Tokens(part);
  }

  /** Returns whether the first of these tokens are {@code prefix}, or all of them are. */
  public boolean startsWith(Tokens prefix) {
    int size = prefix.ids.length;
    return ids.length >= size && Arrays.equals(ids, 0, size, prefix.ids, 0, size);
  }

  /** Returns these tokens followed by {@code next}. */
  public Tokens then(Tokens next) {
    int[] joined = Arrays.copyOf(ids, ids.length + next.ids.length);
    System.arraycopy(next.ids, 0, joined, ids.length, next.ids.length);
    return new Tokens(joined);
  }

  /**
   * Returns these tokens, all of which a model must know: an id outside its embedding would read
   * foreign memory on a GPU.
   *
   * @throws InputException if one does not lie in [0, vocabSize)
   */
  public Tokens requireBelow(int vocabSize) {
    for (int id : ids) {
      if (id < 0 || id >= vocabSize) {
        throw new InputException(
            "token id must lie in [0, "
                + vocabSize
                + "), got "
                + id
                + "; does the tokenizer belong to this model?");
      }
    }
    return this;
  }

  /** Returns the ids in order. */
  public IntStream stream() {
    return Arrays.stream(ids);
  }

  /** Returns a copy of the ids. */
  public int[] toArray() {
    return ids.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tokens tokens && Arrays.equals(ids, tokens.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
