package io.dil.train.config;

import io.dil.losses.LossShape;
import io.dil.losses.LossSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What must hold where a run samples its own answers, or moves its reference. */
final class PolicyCheck {
  private final TrainingConfig config;
  private final BiConsumer<Setting<?>, String> problems;

  private PolicyCheck(TrainingConfig config, BiConsumer<Setting<?>, String> problems) {
    this.config = config;
    this.problems = problems;
  }

  /**
   * Looks at all of it.
   *
   * @param loss empty where it is unknown, which was said already
   * @param needsReference whether the loss does
   * @param problems takes what is wrong, with the setting at fault
   */
  static void check(
      TrainingConfig config,
      Optional<LossSpec> loss,
      boolean needsReference,
      BiConsumer<Setting<?>, String> problems) {
    PolicyCheck check = new PolicyCheck(config, problems);
    check.reference(needsReference);
    check.onPolicy(loss);
    check.weights(loss);
  }

  private void weights(Optional<LossSpec> loss) {
    boolean none =
        loss.isPresent() && (loss.get().shape() != LossShape.PAIR || loss.get().takesRewards());
    for (Setting<?> setting : PairSettings.ALL) {
      unused(
          setting,
          none,
          "loss_type " + config.get(Settings.LOSS_TYPE) + " takes no log-probabilities of pairs");
    }
    refuse(
        PairSettings.LD_ALPHA,
        config.get(PairSettings.LD_ALPHA) != 1 && config.get(Settings.PRECOMPUTE_REFERENCE),
        "ld_alpha weighs tokens by the other response of a pair, so scores of one response cannot"
            + " be kept; remove precompute_ref_log_probs");
    refuse(
        PairSettings.WEIGHTING,
        config.get(PairSettings.WEIGHTING) && loss.isPresent() && loss.get().coupled(),
        "use_weighting weighs pairs one by one, and loss_type "
            + config.get(Settings.LOSS_TYPE)
            + " takes those of a step together");
  }

  private void reference(boolean needed) {
    boolean moves = config.get(ReferenceSettings.SYNC);
    for (Setting<?> setting : ReferenceSettings.PARTS) {
      unused(setting, !moves, "sync_ref_model is not set");
    }
    if (!moves) {
      return;
    }
    String loss = "loss_type " + config.get(Settings.LOSS_TYPE);
    unused(ReferenceSettings.SYNC, !needed, loss + " needs no reference");
    refuse(
        ReferenceSettings.SYNC,
        config.get(Settings.USE_PEFT),
        "sync_ref_model needs a reference with weights of its own, and with use_peft the base is"
            + " the reference");
    refuse(
        ReferenceSettings.SYNC,
        config.get(Settings.PRECOMPUTE_REFERENCE),
        "sync_ref_model moves the reference, so its scores cannot be computed beforehand; remove"
            + " precompute_ref_log_probs");
    refuse(
        ReferenceSettings.SYNC,
        config.get(DeviceSettings.OFFLOAD_REFERENCE),
        "sync_ref_model changes weights, and offload_reference leaves them in their file; remove"
            + " one");
  }

  private void onPolicy(Optional<LossSpec> loss) {
    if (!config.get(OnPolicySettings.ON_POLICY)) {
      for (Setting<?> setting : OnPolicySettings.PARTS) {
        unused(setting, true, "on_policy is not set");
      }
      return;
    }
    refuse(
        Settings.LOSS_TYPE,
        loss.isPresent() && !takesPairs(loss.get()),
        "on_policy makes preference pairs of a policy's answers, which loss_type "
            + config.get(Settings.LOSS_TYPE)
            + " does not take; choose another, for instance dil-lsif");
    refuse(
        OnPolicySettings.TEMPERATURE,
        config.get(OnPolicySettings.TEMPERATURE) == 0,
        "temperature must be above 0: greedy answers to a prompt are all equal, got 0");
    refuse(
        OnPolicySettings.NEW_TOKENS,
        config.get(OnPolicySettings.NEW_TOKENS) >= config.get(Settings.MAX_LENGTH)
            && !config.isMisread(Settings.MAX_LENGTH),
        "max_new_tokens must be below max_length, got "
            + config.get(OnPolicySettings.NEW_TOKENS)
            + " and "
            + config.get(Settings.MAX_LENGTH));
    unused(Settings.PRECOMPUTE_REFERENCE, true, "on_policy samples answers as the run goes");
    for (Setting<?> setting : List.of(Settings.MIN_TOKENS, Settings.MAX_TOKENS)) {
      unused(setting, true, "on_policy takes the prompts of the data alone");
    }
  }

  private static boolean takesPairs(LossSpec loss) {
    return loss.shape() != LossShape.DEMONSTRATION && !loss.takesRewards();
  }

  private void unused(Setting<?> setting, boolean unused, String reason) {
    refuse(setting, unused && config.has(setting), setting.name() + " would be ignored: " + reason);
  }

  private void refuse(Setting<?> setting, boolean wrong, String text) {
    if (wrong) {
      problems.accept(setting, text);
    }
  }
}
