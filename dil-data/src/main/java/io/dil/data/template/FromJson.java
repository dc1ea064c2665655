package io.dil.data.template;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.Turn;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Turns JSON into Python's values, as {@code json.loads} does. */
final class FromJson {
  private static final int DEEPEST = 200;

  /** The names that a message's reasoning goes by; the first that has a value counts. */
  private static final List<String> REASONING =
      List.of("reasoning_content", "thinking", "reasoning");

  private FromJson() {}

  static Object value(JsonNode node) {
    return value(node, 0);
  }

  /** What the template is given under its own name, and no argument may take the place of. */
  private static final Set<String> TAKEN =
      Set.of("messages", "tools", "documents", "add_generation_prompt");

  static PyDict arguments(JsonNode node) {
    if (!(value(node) instanceof PyDict dict)) {
      throw new InputException("chat_template_kwargs must be an object, got " + kind(node));
    }
    for (String name : TAKEN) {
      if (dict.get(name) != null) {
        throw new InputException("chat_template_kwargs must not hold " + name);
      }
    }
    return dict;
  }

  /** Turns a message into Python's values; see {@link #messages}. */
  static PyDict message(Turn turn) {
    if (turn.message().isEmpty()) {
      PyDict message = new PyDict();
      message.put("role", turn.role());
      message.put("content", turn.content());
      return message;
    }
    return withReasoning((PyDict) value(turn.json()));
  }

  /**
   * Turns a list of messages into Python's values.
   *
   * <p>As in transformers, what a message calls {@code reasoning_content}, {@code thinking} or
   * {@code reasoning} is there under the first two names, whichever of them the template reads.
   */
  static PyList messages(JsonNode node) {
    if (!node.isArray()) {
      throw new InputException("messages must be a list, got " + kind(node));
    }
    List<Object> messages = new ArrayList<>(node.size());
    for (JsonNode message : node) {
      if (!message.isObject()) {
        throw new InputException("a message must be an object, got " + kind(message));
      }
      messages.add(withReasoning((PyDict) value(message)));
    }
    return new PyList(messages);
  }

  private static PyDict withReasoning(PyDict message) {
    for (String field : REASONING) {
      Object reasoning = message.get(field);
      if (reasoning != null && reasoning != None.NONE) {
        PyDict both = new PyDict();
        both.put("thinking", reasoning);
        both.putAll(message);
        both.put("reasoning_content", reasoning);
        return both;
      }
    }
    return message;
  }

  /** Turns tools into Python's values: a list of objects, or None. */
  static Object tools(JsonNode node) {
    if (node.isNull() || node.isMissingNode()) {
      return None.NONE;
    }
    boolean fits = node.isArray();
    for (JsonNode tool : node) {
      fits &= tool.isObject();
    }
    if (!fits) {
      throw new InputException("tools must be a list of objects, got " + kind(node));
    }
    return value(node);
  }

  private static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static Object value(JsonNode node, int depth) {
    if (depth > DEEPEST) {
      throw new InputException(
          "a value for a chat template must be nested at most " + DEEPEST + " deep, got deeper");
    }
    return switch (node.getNodeType()) {
      case STRING -> node.textValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER ->
          node.isIntegralNumber()
              ? Numbers.of(node.bigIntegerValue())
              : (Object) node.doubleValue();
      case ARRAY -> {
        List<Object> items = new ArrayList<>(node.size());
        node.forEach(item -> items.add(value(item, depth + 1)));
        yield new PyList(items);
      }
      case OBJECT -> {
        PyDict dict = new PyDict();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
          dict.put(field.getKey(), value(field.getValue(), depth + 1));
        }
        yield dict;
      }
      default -> None.NONE;
    };
  }
}
