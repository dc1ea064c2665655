package io.dil.train.pair;

import io.dil.train.sample.Answers;

/** Where the rewards of answers come from: a rule, a file, a reward model. */
@FunctionalInterface
public interface AnswerRewards {
  /**
   * Returns the rewards of all answers to one prompt.
   *
   * @return one number per response, in their order
   */
  double[] rewards(Answers answers);

  /** Returns the rewards of a rule that looks at one answer at a time. */
  static AnswerRewards of(AnswerReward rule) {
    return answers -> {
      String prompt = answers.prompt().asText();
      return answers.responses().stream()
          .mapToDouble(answer -> rule.reward(prompt, answer))
          .toArray();
    };
  }
}
