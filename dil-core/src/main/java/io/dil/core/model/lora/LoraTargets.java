package io.dil.core.model.lora;

import io.dil.core.InputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Chooses linears by name, as PEFT does. A target is
 *
 * <ul>
 *   <li>{@code all-linear}: every linear but the head;
 *   <li>the name of a linear, or its end behind a dot: {@code q_proj}, {@code mlp.up_proj};
 *   <li>a regular expression that matches the whole name: {@code .*\\.[0-3]\\.self_attn.*}.
 * </ul>
 */
public final class LoraTargets {
  /** The target that means every linear but the head. */
  public static final String ALL = "all-linear";

  private LoraTargets() {}

  /**
   * Returns the names that any target chooses, in the order of {@code linears}.
   *
   * @throws InputException if a target chooses none; it names the linears that there are
   */
  public static List<String> select(Collection<String> linears, List<String> targets) {
    Set<String> chosen = new TreeSet<>();
    for (String target : targets) {
      List<String> found = linears.stream().filter(name -> matches(name, target)).toList();
      if (found.isEmpty()) {
        throw new InputException(
            "lora target must be "
                + ALL
                + ", a regular expression, or one of "
                + ends(linears)
                + ", got '"
                + target
                + "'");
      }
      chosen.addAll(found);
    }
    return linears.stream().filter(chosen::contains).toList();
  }

  /**
   * Returns the shortest targets that choose exactly {@code chosen}: the ends of the names, or,
   * where these choose more, the names.
   */
  static List<String> shortest(Collection<String> linears, Collection<String> chosen) {
    List<String> ends = new ArrayList<>(ends(chosen));
    return select(linears, ends).size() == chosen.size() ? ends : List.copyOf(chosen);
  }

  private static boolean matches(String name, String target) {
    if (target.equals(ALL) || name.equals(target) || name.endsWith("." + target)) {
      return true;
    }
    try {
      return Pattern.matches(target, name);
    } catch (PatternSyntaxException e) {
      throw new InputException(
          "lora target is not a regular expression (" + e.getDescription() + "), got " + target, e);
    }
  }

  private static Set<String> ends(Collection<String> names) {
    Set<String> ends = new TreeSet<>();
    names.forEach(name -> ends.add(name.substring(name.lastIndexOf('.') + 1)));
    return ends;
  }
}
