package io.dil.data.template.jinja;

import io.dil.data.template.python.Budget;
import java.util.ArrayList;
import java.util.List;

/** One rendering of a template: what it may use, and where in the text the model speaks. */
final class Rendering {
  private final Budget budget = new Budget();
  private final StringBuilder out = new StringBuilder();
  private final List<Span> spans = new ArrayList<>();
  private boolean lostSpans;

  Budget budget() {
    return budget;
  }

  /** Returns the text that is being written; macros and captured blocks write elsewhere. */
  StringBuilder out() {
    return out;
  }

  /** Notes that a generation block has written its text. */
  void spoken(StringBuilder target, int from) {
    if (target == out) {
      spans.add(new Span(from, out.length()));
    } else {
      lostSpans = true;
    }
  }

  /** Returns the spans of generation blocks, in order. */
  List<Span> spans() {
    return spans;
  }

  /** Returns whether a generation block stood where its place in the text cannot be told. */
  boolean hasLostSpans() {
    return lostSpans;
  }
}
