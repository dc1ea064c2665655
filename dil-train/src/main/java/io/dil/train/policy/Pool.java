package io.dil.train.policy;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.model.CausalLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.data.Example;
import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.PromptStream;
import io.dil.data.token.ExampleTokenizer;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.pair.AnswerPair;
import io.dil.train.pair.AnswerRewards;
import io.dil.train.pair.Pairing;
import io.dil.train.sample.Sampled;
import io.dil.train.sample.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Samples, rewards and pairs the policy's answers: a pool of preference pairs for the next steps.
 *
 * <p>What is drawn for a prompt depends on the weights, the seed and the prompt's number in the run
 * alone, so a run that goes on from a checkpoint draws what it would have drawn.
 */
public final class Pool {
  /** Prompts that are drawn at most for every pair that is wanted. */
  static final int MOST_PROMPTS = 8;

  private final TrainingConfig config;
  private final CausalLm policy;
  private final ExampleTokenizer tokenizer;
  private final AnswerRewards rewards;
  private final Function<List<TokenGroup>, double[]> logRatios;
  private final BooleanSupplier asked;
  private final int answers;

  /**
   * What one sampling gave.
   *
   * @param pairs prompt, chosen and rejected answer as they were drawn
   * @param position where the prompts go on
   * @param metrics of all answers, under names that begin with {@code on_policy/}
   */
  public record Drawn(
      List<TokenizedExample> pairs, DataPosition position, Map<String, Double> metrics) {
    /** Copies the pairs. */
    public Drawn {
      pairs = List.copyOf(pairs);
    }
  }

  /**
   * Makes a pool.
   *
   * @param policy the very model that is trained
   * @param rewards what an answer is worth
   * @param logRatios log π − log π_ref of every response of every group; none without a reference
   * @param asked whether the run was asked to stop: what is drawn then is worth nothing
   */
  public Pool(
      TrainingConfig config,
      CausalLm policy,
      ExampleTokenizer tokenizer,
      AnswerRewards rewards,
      Function<List<TokenGroup>, double[]> logRatios,
      BooleanSupplier asked) {
    this.config = config;
    this.policy = policy;
    this.tokenizer = tokenizer;
    this.rewards = rewards;
    this.logRatios = logRatios;
    this.asked = asked;
    answers = config.get(OnPolicySettings.ANSWERS);
  }

  /**
   * Answers prompts until there are as many pairs as are wanted, or {@value #MOST_PROMPTS} times as
   * many prompts were answered.
   *
   * @param least pairs without which no step can be taken
   * @return the pairs, fewer than wanted where so many prompts gave no more; nothing where the run
   *     was asked to stop
   * @throws InputException if there are fewer than {@code least}, or a reward is not finite
   */
  public Optional<Drawn> draw(PromptStream prompts, int wanted, int least) {
    // Pairs may come again in later samplings, but not twice in one.
    Pairing pairing =
        new Pairing(
            config.get(OnPolicySettings.RULE),
            config.get(OnPolicySettings.MIN_GAP),
            Generator.seed(config.get(Settings.SEED), (int) prompts.position().examples()));
    PoolMetrics metrics = new PoolMetrics(tokenizer.endIds());
    List<TokenizedExample> pairs = new ArrayList<>();
    int answered = 0;
    while (pairs.size() < wanted && answered < MOST_PROMPTS * wanted) {
      int count = Math.min(wanted - pairs.size(), MOST_PROMPTS * wanted - answered);
      PoolPart sampling = PoolPart.begin("sampling");
      List<Sampled> sampled = sample(prompts, count);
      sampling.commit();
      if (asked.getAsBoolean()) {
        return Optional.empty();
      }
      PoolPart rewarding = PoolPart.begin("rewards");
      for (Sampled one : sampled) {
        double[] values = rewards.rewards(one.answers());
        Optional<AnswerPair> pair = pairing.pair(one.answers(), values);
        metrics.add(one, values, pair.isPresent());
        pair.map(found -> example(one, found)).ifPresent(pairs::add);
      }
      rewarding.commit();
      answered += count;
    }
    if (pairs.size() < least) {
      throw new InputException(
          "the policy's answers must give at least "
              + least
              + (least == 1 ? " pair" : " pairs")
              + ", got "
              + pairs.size()
              + " from "
              + answered
              + " prompts: "
              + pairing.reasons()
              + "; look at the reward, or raise temperature or on_policy_generations");
    }
    PoolPart divergence = PoolPart.begin("divergence");
    Map<String, Double> means = metrics.means(logRatios);
    divergence.commit();
    return Optional.of(new Drawn(pairs, prompts.position(), means));
  }

  private List<Sampled> sample(PromptStream prompts, int count) {
    // A prompt's number in the run, in every epoch another.
    int first = (int) prompts.position().examples();
    List<Example> examples = new ArrayList<>();
    while (examples.size() < count) {
      examples.add(prompts.next().orElseThrow());
    }
    GenerationOptions options =
        GenerationOptions.sample(
            config.get(OnPolicySettings.NEW_TOKENS),
            config.get(OnPolicySettings.TEMPERATURE),
            Generator.seed(config.get(Settings.SEED), first * answers));
    int room = config.get(Settings.MAX_LENGTH) - config.get(OnPolicySettings.NEW_TOKENS);
    Sampled[] sampled = new Sampled[count];
    new Sampling(
            policy,
            tokenizer,
            options,
            List.of(),
            answers,
            Math.min(room, config.maxPromptLength()))
        .draw(
            examples,
            0,
            config.get(Settings.BATCH_SIZE) * answers,
            () -> !asked.getAsBoolean(),
            (prompt, one) -> sampled[prompt] = one);
    return List.of(sampled);
  }

  private static TokenizedExample example(Sampled one, AnswerPair pair) {
    List<String> texts = one.answers().responses();
    return new TokenizedExample(
        one.answers().id(),
        new TokenGroup(
            one.prompt(),
            List.of(
                one.responses().get(texts.indexOf(pair.chosen())),
                one.responses().get(texts.indexOf(pair.rejected())))),
        true);
  }
}
