package io.dil.data.template;

import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.AdvancedFilter;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What transformers adds to Jinja for chat templates, and where jinjava's own filters differ from
 * it.
 */
final class Extensions {
  private Extensions() {}

  static void register(Context context) {
    context.registerTag(new GenerationTag());
    context.registerTag(new FilteringForTag());
    context.registerFilter(new ToJson());
    context.registerFilter(new Items());
    context.registerFilter(new Trim());
    context.registerFunction(
        new ELFunctionDefinition("", "raise_exception", Extensions.class, "raise", String.class));
    context.registerFunction(
        new ELFunctionDefinition("", "strftime_now", Extensions.class, "now", String.class));
  }

  /** {@code raise_exception(message)}. */
  @SuppressWarnings("DoNotCallSuggester") // Templates call it.
  public static Object raise(String message) {
    throw refusal(message);
  }

  private static TemplateRefusal refusal(String message) {
    return new TemplateRefusal(message);
  }

  /** {@code strftime_now(format)}: local time, as transformers has it. */
  public static String now(String format) {
    return PythonText.strftime(format, Clock.system(ZoneId.systemDefault()));
  }

  /** {@code {% generation %}}: marks the model's own words; the words are written as they are. */
  private static final class GenerationTag implements Tag {
    private static final long serialVersionUID = 1L;

    @Override
    public String getName() {
      return "generation";
    }

    @Override
    public String getEndTagName() {
      return "endgeneration";
    }

    @Override
    public String interpret(TagNode tag, JinjavaInterpreter interpreter) {
      StringBuilder out = new StringBuilder();
      for (Node child : tag.getChildren()) {
        out.append(child.render(interpreter).getValue());
      }
      return out.toString();
    }
  }

  /** {@code tojson}: Python's spacing, nothing escaped that JSON allows. */
  private static final class ToJson implements AdvancedFilter {
    @Override
    public String getName() {
      return "tojson";
    }

    @Override
    public Object filter(
        @Nullable Object value,
        JinjavaInterpreter interpreter,
        Object[] arguments,
        Map<String, Object> named) {
      Object indent = arguments.length > 0 ? arguments[0] : named.get("indent");
      return PythonText.json(value, indent instanceof Number number ? number.intValue() : -1);
    }
  }

  /** {@code items}: a dictionary's entries. */
  private static final class Items implements Filter {
    @Override
    public String getName() {
      return "items";
    }

    @Override
    public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... none) {
      return PythonMethods.items(value instanceof Map<?, ?> map ? map : Map.of());
    }
  }

  /** {@code trim}: jinjava's leaves the white space beyond ASCII that Python takes off. */
  private static final class Trim implements Filter {
    @Override
    public String getName() {
      return "trim";
    }

    @Override
    public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... none) {
      return value == null ? "" : PythonText.strip(value.toString());
    }
  }
}
