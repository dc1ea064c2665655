package io.dil.train.eval;

/** What is measured of a row's answer; a benchmark's value is the mean over its rows. */
interface Metric {
  /** Returns the harness's name, with a comma before the filter's name where it has one. */
  String name();

  /** Returns the value of a row: 1 for right, 0 for wrong. */
  double value(Item item, Answer answer);

  /** Returns what was taken from the answer for comparison, for people to look at. */
  default String taken(Item item, Answer answer) {
    return "";
  }
}
