package io.dil.data.template.python;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call.
 *
 * @param positional those without a name
 * @param named those with one, in order
 */
public record Arguments(List<Object> positional, Map<String, Object> named) {
  /** No arguments. */
  public static final Arguments NONE = new Arguments(List.of(), Map.of());

  /** Makes arguments without names. */
  public static Arguments of(Object... positional) {
    return new Arguments(List.of(positional), Map.of());
  }

  /**
   * Puts the arguments in the order of the parameters.
   *
   * @param function the function's name, for errors
   * @param parameters the names; one that may be left out ends in {@code ?}
   * @return a value a parameter; null where it is left out
   */
  public @Nullable Object[] bind(String function, String... parameters) {
    if (positional.size() > parameters.length) {
      throw RenderError.type(
          function
              + " takes at most "
              + parameters.length
              + " arguments, got "
              + positional.size());
    }
    @Nullable Object[] bound = new Object[parameters.length];
    int used = 0;
    for (int i = 0; i < parameters.length; i++) {
      boolean optional = parameters[i].endsWith("?");
      String name =
          optional ? parameters[i].substring(0, parameters[i].length() - 1) : parameters[i];
      Object byName = named.isEmpty() ? null : named.get(name);
      if (i < positional.size()) {
        if (byName != null) {
          throw RenderError.type(function + " got two values for argument '" + name + "'");
        }
        bound[i] = positional.get(i);
      } else if (byName != null) {
        bound[i] = byName;
        used++;
      } else if (!optional) {
        throw RenderError.type(function + " needs an argument '" + name + "'");
      }
    }
    if (used < named.size()) {
      throw RenderError.type(
          function + " takes no such keyword arguments as " + String.join(", ", named.keySet()));
    }
    return bound;
  }

  /**
   * Takes arguments that can have no names, as most of the methods that Python is born with do.
   *
   * @param function the function's name, for errors
   * @param least how many there must be
   * @param most how many there can be
   * @return as many values as {@code most}; null where one is left out
   */
  public @Nullable Object[] unnamed(String function, int least, int most) {
    if (!named.isEmpty()) {
      throw RenderError.type(function + " takes no keyword arguments");
    }
    if (positional.size() < least || positional.size() > most) {
      throw RenderError.type(
          function
              + " takes from "
              + least
              + " to "
              + most
              + " arguments, got "
              + positional.size());
    }
    return positional.toArray(new @Nullable Object[most]);
  }

  /** Checks that there are none. */
  public void none(String function) {
    bind(function);
  }
}
