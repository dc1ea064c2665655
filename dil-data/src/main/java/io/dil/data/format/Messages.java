package io.dil.data.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.data.Turn;
import java.util.Map;
import java.util.Optional;

/**
 * Reads one message, spelled {@code role}/{@code content} or {@code from}/{@code value}, with all
 * of its fields.
 */
final class Messages {
  private static final JsonMapper JSON = new JsonMapper();

  /** Words for the roles that published sets use; others are taken as they are. */
  private static final Map<String, String> ROLES =
      Map.of("human", Turn.USER, "gpt", Turn.ASSISTANT, "observation", Turn.TOOL);

  /** LLaMA-Factory's turn that is a tool call and nothing else. */
  private static final String FUNCTION_CALL = "function_call";

  private Messages() {}

  static Turn turn(JsonNode message, String column) {
    if (!message.isObject()) {
      throw Columns.wrongType(column, "made of messages with role and content", message);
    }
    try {
      boolean shareGpt = message.has("from") && !message.has("role");
      String role = Columns.text(message, shareGpt ? "from" : "role");
      JsonNode content = message.path(shareGpt ? "value" : "content");
      if (role.equals(FUNCTION_CALL)) {
        return call(Columns.text(message, shareGpt ? "value" : "content"));
      }
      String known = ROLES.getOrDefault(role, role);
      if (content.isTextual() && message.size() == 2) {
        return new Turn(known, content.textValue());
      }
      return whole(known, content, message, shareGpt);
    } catch (RowException e) {
      throw new RowException("in column '" + column + "': " + e.getMessage());
    }
  }

  private static Turn whole(String role, JsonNode content, JsonNode message, boolean shareGpt) {
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> field : message.properties()) {
      switch (field.getKey()) {
        case "role", "from" -> whole.put("role", role);
        case "value" -> whole.set(shareGpt ? "content" : "value", field.getValue());
        default -> whole.set(field.getKey(), field.getValue());
      }
    }
    if (content.isMissingNode() || content.isNull()) {
      if (message.path("tool_calls").isEmpty()) {
        // Says that it is missing, or what it is.
        Columns.text(message, shareGpt ? "value" : "content");
      }
      whole.set("content", NullNode.getInstance());
    }
    return new Turn(role, text(content), Optional.of(whole));
  }

  /** Returns the text of a content that is a text, a list of parts, or nothing. */
  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    if (content.isMissingNode() || content.isNull()) {
      return "";
    }
    if (!content.isArray()) {
      throw Columns.wrongType("content", "a string or a list of text parts", content);
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      boolean isText = part.path("type").asText().equals("text") && part.path("text").isTextual();
      if (!isText) {
        throw new RowException(
            "column 'content' must hold text parts only, got one of type '"
                + part.path("type").asText("none").replaceAll("\\R", " ")
                + "'");
      }
      text.append(part.path("text").textValue());
    }
    return text.toString();
  }

  private static Turn call(String value) {
    JsonNode call = parsed(value, "a function_call");
    JsonNode calls = call.isArray() ? call : JsonNodeFactory.instance.arrayNode().add(call);
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    whole.put("role", Turn.ASSISTANT).put("content", "");
    for (JsonNode one : calls) {
      if (!one.path("name").isTextual()) {
        throw new RowException("a function_call must be JSON with a name, got " + one);
      }
      whole
          .withArrayProperty("tool_calls")
          .addObject()
          .put("type", "function")
          .putObject("function")
          .put("name", one.path("name").textValue())
          .set("arguments", one.path("arguments"));
    }
    return new Turn(Turn.ASSISTANT, "", Optional.of(whole));
  }

  /** Reads JSON that stands in a text. */
  static JsonNode parsed(String value, String what) {
    try {
      return JSON.readTree(value);
    } catch (JsonProcessingException e) {
      throw new RowException(what + " must be JSON, got text that is not");
    }
  }
}
