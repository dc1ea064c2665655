package io.dil.train.pair;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.Pass;
import io.dil.data.Demonstration;
import io.dil.data.Tokenized;
import io.dil.data.TokenizedExample;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.sample.Answers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rewards of a model with a scalar head, one per answer: what it says of the answer's last
 * token. The prompt is computed once for all of its answers.
 */
public final class RewardModel implements AnswerRewards {
  private final CausalLm model;
  private final ExampleTokenizer tokenizer;

  /**
   * Makes rewards of a model.
   *
   * @param model a reward model, which stays the caller's to close
   * @param tokenizer its tokenizer
   * @throws InputException if the tokenizer has ids that the model does not
   */
  public RewardModel(CausalLm model, ExampleTokenizer tokenizer) {
    tokenizer.checkFits(model.vocabSize());
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** {@inheritDoc} An answer without text has none; its number is NaN. */
  @Override
  public double[] rewards(Answers answers) {
    double[] rewards = new double[answers.responses().size()];
    Arrays.fill(rewards, Double.NaN);
    List<Integer> scored = new ArrayList<>();
    List<TokenGroup> groups = new ArrayList<>();
    for (int i = 0; i < rewards.length; i++) {
      String text = answers.responses().get(i);
      if (!text.isBlank()) {
        scored.add(i);
        groups.add(tokens(answers, text));
      }
    }
    if (groups.isEmpty()) {
      return rewards;
    }
    try (Pass pass = model.inference(together(groups), ComputeOptions.DEFAULT)) {
      double[] scores = pass.scores();
      for (int i = 0; i < scores.length; i++) {
        rewards[scored.get(i)] = scores[i];
      }
    }
    return rewards;
  }

  private TokenGroup tokens(Answers answers, String text) {
    Tokenized tokenized =
        tokenizer.tokenize(new Demonstration(answers.id(), answers.prompt(), text));
    if (tokenized instanceof TokenizedExample example) {
      return example.tokens();
    }
    throw new InputException(answers.id() + ": an answer cannot be scored: " + tokenized);
  }

  /** Returns one group where all have the same prompt, so that it is computed once. */
  private static List<TokenGroup> together(List<TokenGroup> groups) {
    Tokens prompt = groups.get(0).prompt();
    if (!groups.stream().allMatch(group -> group.prompt().equals(prompt))) {
      return groups;
    }
    return List.of(
        new TokenGroup(prompt, groups.stream().map(group -> group.responses().get(0)).toList()));
  }
}
