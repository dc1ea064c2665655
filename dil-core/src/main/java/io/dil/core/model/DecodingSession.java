package io.dil.core.model;

import io.dil.core.Tokens;
import java.util.List;

/** Sequences that grow token by token; what was computed for earlier tokens is kept in a cache. */
public interface DecodingSession extends AutoCloseable {
  /**
   * Appends tokens to every sequence and returns the logits after its last one.
   *
   * @param next the tokens to append, one entry a sequence; empty to leave that sequence alone
   * @return fp32 logits over the vocabulary; an empty array for a sequence left alone
   */
  List<float[]> extend(List<Tokens> next);

  /** Forgets a sequence, whose place another can then take. */
  void restart(int sequence);

  /**
   * Forgets a sequence and lets the next in its place begin with the first tokens of another, which
   * are not computed again.
   *
   * @param from the sequence that began with these tokens; may be {@code sequence} itself
   * @param length how many tokens
   * @return whether the sequence begins with them; if not, it is empty
   */
  boolean restart(int sequence, int from, int length);

  @Override
  void close();
}
