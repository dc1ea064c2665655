package io.dil.train.eval;

import io.dil.train.eval.math.MathAnswer;
import io.dil.train.eval.math.MathEquality;
import java.util.List;

/**
 * Whether a solution's final answer is that of the reference solution (MATH, Hendrycks et al. 2021,
 * with the answers' normal form of Minerva, Lewkowycz et al. 2022, appendix D).
 *
 * @param name the metric's name
 * @param rule when two answers are the same
 */
record MathMatch(String name, Rule rule) implements Metric {
  /** When two answers are the same. */
  enum Rule {
    /** Same normal form. The least that every era accepts. */
    STRING,
    /** Same value. The harness's metric until November 2024 (version 1). */
    VALUE,
    /** Either (version 2; {@code exact_match_original} of version 3). */
    EITHER
  }

  /** The rules as task files name them. */
  static final List<String> RULES = List.of("string", "value", "either");

  @Override
  public double value(Item item, Answer answer) {
    String found = taken(item, answer);
    String gold = MathAnswer.normalized(MathAnswer.boxed(item.answer()));
    if (rule != Rule.VALUE && found.equals(MathAnswer.INVALID)) {
      return 0;
    }
    boolean equal =
        switch (rule) {
          case STRING -> found.strip().equals(gold.strip());
          case VALUE -> MathEquality.equal(found, gold);
          case EITHER -> found.strip().equals(gold.strip()) || MathEquality.equal(found, gold);
        };
    return equal ? 1 : 0;
  }

  @Override
  public String taken(Item item, Answer answer) {
    return MathAnswer.normalized(MathAnswer.stated(((Answer.Written) answer).text()));
  }
}
