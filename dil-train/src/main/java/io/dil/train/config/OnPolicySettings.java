package io.dil.train.config;

import io.dil.train.pair.PairRule;
import java.util.List;

/**
 * The keys of a run that trains on its own policy's answers; {@link Settings} lists them. All but
 * the first mean something only where that one is true.
 */
public final class OnPolicySettings {
  /** Whether answers are sampled as the run goes. */
  public static final Setting<Boolean> ON_POLICY =
      Setting.flag(
          "on_policy", false, "train on pairs of the policy's own answers to the data's prompts");

  /** The reward model. */
  public static final Setting<String> REWARD =
      Setting.text("on_policy_reward", "", "reward model folder, or its adapter's");

  /** Answers to a prompt. */
  public static final Setting<Integer> ANSWERS =
      Setting.integer(
          "on_policy_generations", 4, 2, "answers to a prompt, of which two are a pair");

  /** The temperature of the answers. */
  public static final Setting<Double> TEMPERATURE =
      Setting.number(
          "temperature", 1, 0, Double.MAX_VALUE, "divides the logits of sampled answers; above 0");

  /** The longest answer. */
  public static final Setting<Integer> NEW_TOKENS =
      Setting.integer("max_new_tokens", 64, 1, "tokens of a sampled answer (TRL's online DPO)");

  /** Steps on one pool of pairs. */
  public static final Setting<Integer> REFRESH =
      Setting.integer(
          "on_policy_refresh", 1, 1, "steps that are taken on the pairs of one sampling");

  /** Which answers become a pair. */
  public static final Setting<PairRule> RULE =
      Setting.choice(
          "on_policy_rule",
          PairRule.BEST_WORST,
          "best-worst, or best-random: the best answer against a worse one, drawn evenly");

  /** The least difference of rewards. */
  public static final Setting<Double> MIN_GAP =
      Setting.number(
          "on_policy_min_gap", 0, 0, Double.MAX_VALUE, "least difference of a pair's rewards");

  /** Those that mean something with {@link #ON_POLICY} alone. */
  static final List<Setting<?>> PARTS =
      List.of(REWARD, ANSWERS, TEMPERATURE, NEW_TOKENS, REFRESH, RULE, MIN_GAP);

  /** All of them. */
  static final List<Setting<?>> ALL =
      List.of(ON_POLICY, REWARD, ANSWERS, TEMPERATURE, NEW_TOKENS, REFRESH, RULE, MIN_GAP);

  private OnPolicySettings() {}
}
