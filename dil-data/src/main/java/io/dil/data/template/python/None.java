package io.dil.data.template.python;

/** Python's {@code None}. */
public enum None {
  /** The one value. */
  NONE
}
