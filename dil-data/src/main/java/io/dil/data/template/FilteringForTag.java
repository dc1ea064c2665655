package io.dil.data.template;

import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.tag.ElseTag;
import com.hubspot.jinjava.lib.tag.ForTag;
import com.hubspot.jinjava.objects.collections.PyList;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import com.hubspot.jinjava.tree.parse.TagToken;
import com.hubspot.jinjava.util.ForLoop;
import com.hubspot.jinjava.util.ObjectIterator;
import com.hubspot.jinjava.util.ObjectTruthValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.tuple.Pair;
import org.jspecify.annotations.Nullable;

/**
 * {@code {% for x in list if condition %}}. Without this, jinjava reads the condition as an inline
 * {@code if} about the whole list and goes through all of it.
 *
 * <p>An {@code else} of the loop is refused.
 */
final class FilteringForTag extends ForTag {
  private static final long serialVersionUID = 1L;

  @Override
  public String interpretUnchecked(TagNode tag, JinjavaInterpreter interpreter) {
    for (Node child : tag.getChildren()) {
      if (child instanceof TagNode inner && inner.getName().equals(ElseTag.TAG_NAME)) {
        // The engine would write it in every round.
        throw new InterpretException("else of a for is not supported", inner.getLineNumber());
      }
    }
    Pair<List<String>, String> parts = getLoopVarsAndExpression((TagToken) tag.getMaster());
    String expression = parts.getRight();
    int at = topLevelIf(expression);
    if (at < 0) {
      return super.interpretUnchecked(tag, interpreter);
    }
    int line = tag.getLineNumber();
    Object all = interpreter.resolveELExpression(expression.substring(0, at), line);
    String condition = expression.substring(at + " if ".length());
    List<Object> kept = new ArrayList<>();
    ForLoop loop = ObjectIterator.getLoop(all);
    while (loop.hasNext()) {
      Object element = loop.next();
      try (JinjavaInterpreter.InterpreterScopeClosable scope = interpreter.enterScope()) {
        bind(interpreter, parts.getLeft(), element);
        if (ObjectTruthValue.evaluate(interpreter.resolveELExpression(condition, line))) {
          kept.add(element);
        }
      }
    }
    return renderForCollection(tag, interpreter, parts.getLeft(), new PyList(kept));
  }

  private static void bind(
      JinjavaInterpreter interpreter, List<String> names, @Nullable Object element) {
    if (names.size() == 1) {
      interpreter.getContext().put(names.get(0), element);
    } else if (element instanceof List<?> list) {
      for (int i = 0; i < names.size() && i < list.size(); i++) {
        interpreter.getContext().put(names.get(i), list.get(i));
      }
    } else if (element instanceof Map.Entry<?, ?> entry) {
      interpreter.getContext().put(names.get(0), entry.getKey());
      interpreter.getContext().put(names.get(1), entry.getValue());
    }
  }

  /**
   * Returns where a condition begins: an {@code if} outside brackets and quotes with no {@code
   * else} after it.
   */
  private static int topLevelIf(String expression) {
    int depth = 0;
    int found = -1;
    char quote = 0;
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if ("([{".indexOf(c) >= 0) {
        depth++;
      } else if (")]}".indexOf(c) >= 0) {
        depth--;
      } else if (depth == 0 && expression.startsWith(" if ", i)) {
        found = i;
      } else if (depth == 0 && expression.startsWith(" else ", i)) {
        found = -1;
      }
    }
    return found;
  }
}
