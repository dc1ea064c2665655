package io.dil.train.pair;

/**
 * A rule that says how good an answer is. It is enough to give one as a lambda:
 *
 * <pre>{@code
 * AnswerReward shorter = (prompt, answer) -> -answer.length();
 * }</pre>
 *
 * <p>It may be called from several threads.
 */
@FunctionalInterface
public interface AnswerReward {
  /**
   * Returns the reward of one answer, more for a better one.
   *
   * @param prompt the prompt; turns of a conversation as {@code Prompt.asText} writes them
   * @param answer the answer's text
   */
  double reward(String prompt, String answer);
}
