package io.dil.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Objects;
import java.util.Optional;

/**
 * One message of a conversation.
 *
 * @param role who speaks, in the words that chat templates know: {@code system}, {@code user},
 *     {@code assistant}, {@code tool}
 * @param content what is said; empty where the message is a tool call alone
 * @param message the whole message as JSON, with {@code tool_calls}, {@code name}, {@code
 *     reasoning_content} or content in parts; empty where there is nothing but role and content
 */
public record Turn(String role, String content, Optional<JsonNode> message) {
  /** The role of the model's own turns. */
  public static final String ASSISTANT = "assistant";

  /** The role of the person's turns. */
  public static final String USER = "user";

  /** The role of the instructions that stand before a conversation. */
  public static final String SYSTEM = "system";

  /** The role of what a tool answers. */
  public static final String TOOL = "tool";

  /** Checks that nothing is missing. */
  public Turn {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(message, "message");
  }

  /** A message of a role and a text. */
  public Turn(String role, String content) {
    this(role, content, Optional.empty());
  }

  /** Returns the message as a chat template is given it. */
  public JsonNode json() {
    return message.orElseGet(
        () -> JsonNodeFactory.instance.objectNode().put("role", role).put("content", content));
  }

  /** Returns whether nothing is said and no tool is called. */
  public boolean isBlank() {
    return content.isBlank()
        && message.map(whole -> whole.path("tool_calls").isEmpty()).orElse(true);
  }

  /** Returns a text that two messages share exactly when they are equal. */
  public String asText() {
    return message.map(JsonNode::toString).orElse(content);
  }
}
