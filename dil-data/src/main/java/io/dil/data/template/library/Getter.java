package io.dil.data.template.library;

import io.dil.data.template.python.Budget;
import io.dil.data.template.python.None;
import io.dil.data.template.python.Undefined;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks up an attribute by its path, such as {@code function.name} or {@code 0.role}. */
final class Getter {
  private final List<Object> path;
  private final @Nullable Object otherwise;
  private final boolean fold;
  private final Budget budget;

  private Getter(List<Object> path, @Nullable Object otherwise, boolean fold, Budget budget) {
    this.path = path;
    this.otherwise = otherwise;
    this.fold = fold;
    this.budget = budget;
  }

  /**
   * Makes one.
   *
   * @param attribute the path; null or None for the value itself
   * @param otherwise what stands for an attribute that is not there; null for nothing
   * @param fold whether text is put into lower case
   */
  static Getter of(
      @Nullable Object attribute, @Nullable Object otherwise, boolean fold, Budget budget) {
    List<Object> path = new ArrayList<>();
    if (attribute instanceof String text) {
      for (String part : text.split("\\.", -1)) {
        boolean number = !part.isEmpty() && part.length() < 10 && Letters.isDigit(part);
        path.add(number ? (Object) Long.parseLong(part) : part);
      }
    } else if (attribute != null && attribute != None.NONE) {
      path.add(attribute);
    }
    return new Getter(path, otherwise == None.NONE ? null : otherwise, fold, budget);
  }

  Object get(Object value) {
    Object found = value;
    for (Object part : path) {
      found = Attributes.item(found, part, budget);
      if (found instanceof Undefined && otherwise != null) {
        found = otherwise;
      }
    }
    if (fold && found instanceof String text) {
      budget.text(text.length());
      return Letters.lower(text);
    }
    return found;
  }
}
