package io.dil.train.config;

import java.util.Map;

/**
 * The settings of conversations and of the columns that they stand in; {@link Settings} has all.
 */
public final class ChatSettings {
  /** A chat template of one's own, in the configuration itself. */
  public static final Setting<String> CHAT_TEMPLATE_TEXT =
      Setting.lines("chat_template", "Jinja text used instead of the model's template (TRL)");

  /** What the template is given besides. */
  public static final Setting<Map<String, Object>> CHAT_TEMPLATE_KWARGS =
      Setting.values(
          "chat_template_kwargs", "what the chat template is given besides, NAME: value (TRL)");

  /** Which turns of a demonstration are learnt. */
  public static final Setting<Boolean> ASSISTANT_ONLY_LOSS =
      Setting.flag(
          "assistant_only_loss",
          false,
          "SFT learns every assistant turn of a conversation (TRL); false: the last");

  /** How the columns of the data are named. */
  public static final Setting<Map<String, Object>> DATASET_COLUMNS =
      Setting.values(
          "dataset_columns", "where the format's columns are in the data, COLUMN: name or path");

  private ChatSettings() {}
}
