package io.dil.data.template;

import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.objects.collections.PyList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import jinjava.javax.el.MethodNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * The methods of Python's strings, lists and dictionaries that chat templates call, and no others:
 * a template never reaches a method of a Java class.
 */
final class PythonMethods extends ELResolver {
  private final ELResolver values = JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY;

  @Override
  public Object invoke(
      ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
    String name = String.valueOf(method);
    // This is how jinjava itself applies filters and tests; their other methods stay closed.
    if ((base instanceof Filter && name.equals("filter"))
        || (base instanceof ExpTest && name.startsWith("evaluate"))) {
      return values.invoke(context, base, method, types, arguments);
    }
    context.setPropertyResolved(true);
    List<String> texts = Arrays.stream(arguments).map(String::valueOf).toList();
    if (base instanceof CharSequence) {
      return ofString(base.toString(), name, texts);
    }
    if (base instanceof Map<?, ?> map) {
      return ofMap(map, name, arguments);
    }
    if (base instanceof PyList list && name.equals("append") && arguments.length == 1) {
      list.append(arguments[0]);
      return "";
    }
    throw new MethodNotFoundException("no method '" + name + "' is offered to templates");
  }

  private static Object ofString(String text, String name, List<String> arguments) {
    String first = arguments.isEmpty() ? "" : arguments.get(0);
    return switch (name) {
      case "strip" -> right(left(text, arguments), arguments);
      case "lstrip" -> left(text, arguments);
      case "rstrip" -> right(text, arguments);
      case "startswith" -> text.startsWith(first);
      case "endswith" -> text.endsWith(first);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "title" -> title(text);
      case "replace" -> text.replace(first, arguments.get(1));
      case "split" -> split(text, arguments);
      case "join" -> throw new MethodNotFoundException("use the filter join in templates");
      default -> throw new MethodNotFoundException("no string method '" + name + "' is offered");
    };
  }

  private static Object ofMap(Map<?, ?> map, String name, Object[] arguments) {
    return switch (name) {
      case "get" -> {
        Object value = map.get(String.valueOf(arguments[0]));
        Object otherwise = arguments.length > 1 ? arguments[1] : "";
        yield value == null ? otherwise : value;
      }
      case "items" -> items(map);
      case "keys" -> new PyList(new ArrayList<>(map.keySet()));
      case "values" -> new PyList(new ArrayList<>(map.values()));
      default ->
          throw new MethodNotFoundException("no dictionary method '" + name + "' is offered");
    };
  }

  /** Returns the entries as lists of two, which a loop takes apart. */
  static PyList items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(new PyList(Arrays.asList(key, value))));
    return new PyList(items);
  }

  private static PyList split(String text, List<String> arguments) {
    if (arguments.isEmpty()) {
      String stripped = text.strip();
      return new PyList(
          stripped.isEmpty() ? new ArrayList<>() : List.of((Object[]) stripped.split("\\s+")));
    }
    int limit = arguments.size() > 1 ? Integer.parseInt(arguments.get(1)) + 1 : -1;
    return new PyList(List.of((Object[]) text.split(Pattern.quote(arguments.get(0)), limit)));
  }

  private static String left(String text, List<String> characters) {
    int from = 0;
    while (from < text.length() && isStripped(text.charAt(from), characters)) {
      from++;
    }
    return text.substring(from);
  }

  private static String right(String text, List<String> characters) {
    int to = text.length();
    while (to > 0 && isStripped(text.charAt(to - 1), characters)) {
      to--;
    }
    return text.substring(0, to);
  }

  private static boolean isStripped(char c, List<String> characters) {
    return characters.isEmpty() ? PythonText.isSpace(c) : characters.get(0).indexOf(c) >= 0;
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inside = Character.isLetter(c);
    }
    return out.toString();
  }

  @Override
  public @Nullable Object getValue(ELContext context, Object base, Object property) {
    // "text".bytes and the like are Java, not Jinja: what is not there is undefined.
    if ((base instanceof CharSequence || base instanceof Number || base instanceof Boolean)
        && property instanceof String) {
      context.setPropertyResolved(true);
      return null;
    }
    return values.getValue(context, base, property);
  }

  @Override
  public Class<?> getCommonPropertyType(ELContext context, Object base) {
    return values.getCommonPropertyType(context, base);
  }

  @Override
  public Iterator<java.beans.FeatureDescriptor> getFeatureDescriptors(
      ELContext context, Object base) {
    return values.getFeatureDescriptors(context, base);
  }

  @Override
  public Class<?> getType(ELContext context, Object base, Object property) {
    return values.getType(context, base, property);
  }

  @Override
  public boolean isReadOnly(ELContext context, Object base, Object property) {
    return values.isReadOnly(context, base, property);
  }

  @Override
  public void setValue(ELContext context, Object base, Object property, Object value) {
    values.setValue(context, base, property, value);
  }
}
