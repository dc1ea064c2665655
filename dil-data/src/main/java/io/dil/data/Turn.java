package io.dil.data;

/**
 * One message of a conversation.
 *
 * @param role who speaks, in the words that chat templates know: {@code system}, {@code user},
 *     {@code assistant}
 * @param content what is said
 */
public record Turn(String role, String content) {
  /** The role of the model's own turns. */
  public static final String ASSISTANT = "assistant";

  /** The role of the person's turns. */
  public static final String USER = "user";

  /** The role of the instructions that stand before a conversation. */
  public static final String SYSTEM = "system";
}
