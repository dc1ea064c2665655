package io.dil.data.template.python;

/** Something that a template can call. */
public interface Function {
  /** Calls it. */
  Object call(Arguments arguments, Budget budget);
}
