package io.dil.data.template;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.core.InputException;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Numbers;
import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.PyList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns JSON into Python's values, as {@code json.loads} does. */
final class FromJson {
  private static final int DEEPEST = 200;

  private FromJson() {}

  static Object value(JsonNode node) {
    return value(node, 0);
  }

  static PyDict dict(JsonNode node) {
    return (PyDict) value(node);
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
