package io.dil.data.template.library;

import io.dil.data.template.python.Arithmetic;
import io.dil.data.template.python.Iteration;
import io.dil.data.template.python.Markup;
import io.dil.data.template.python.PyList;
import io.dil.data.template.python.RenderError;
import io.dil.data.template.python.Repr;
import io.dil.data.template.python.Types;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The one list of filters. */
public final class Filters {
  private static final Map<String, Method<Object>> ALL = new HashMap<>();

  /** What Jinja has and templates of conversations do without. */
  private static final Set<String> NOT_OFFERED =
      Set.of(
          "filesizeformat",
          "forceescape",
          "pprint",
          "random",
          "striptags",
          "urlencode",
          "urlize",
          "wordwrap",
          "xmlattr");

  static {
    ALL.put("abs", (v, a, b) -> NumberFilters.none(a, Arithmetic.absolute(v)));
    ALL.put("attr", LookupFilters::attr);
    ALL.put("batch", ListFilters::batch);
    ALL.put("capitalize", TextFilters.plain(Letters::capitalize));
    ALL.put("center", TextFilters::center);
    ALL.put("count", (v, a, b) -> NumberFilters.none(a, Types.length(v, b)));
    ALL.put("d", LookupFilters::otherwise);
    ALL.put("default", LookupFilters::otherwise);
    ALL.put("dictsort", SortFilters::dictsort);
    ALL.put("e", TextFilters::escape);
    ALL.put("escape", TextFilters::escape);
    ALL.put("first", ListFilters::first);
    ALL.put("float", NumberFilters::toFloat);
    ALL.put("format", TextFilters::format);
    ALL.put("groupby", SortFilters::groupby);
    ALL.put("indent", TextFilters::indent);
    ALL.put("int", NumberFilters::toInt);
    ALL.put("items", ListFilters::items);
    ALL.put("join", TextFilters::join);
    ALL.put("last", ListFilters::last);
    ALL.put("length", (v, a, b) -> NumberFilters.none(a, Types.length(v, b)));
    ALL.put("list", (v, a, b) -> NumberFilters.none(a, new PyList(Iteration.list(v, b))));
    ALL.put("lower", TextFilters.plain(Letters::lower));
    ALL.put("map", LookupFilters::map);
    ALL.put("max", (v, a, b) -> SortFilters.extreme(v, a, true, b));
    ALL.put("min", (v, a, b) -> SortFilters.extreme(v, a, false, b));
    ALL.put("reject", (v, a, b) -> LookupFilters.select(v, a, false, false, b));
    ALL.put("rejectattr", (v, a, b) -> LookupFilters.select(v, a, false, true, b));
    ALL.put("replace", TextFilters::replace);
    ALL.put("reverse", ListFilters::reverse);
    ALL.put("round", NumberFilters::round);
    ALL.put("safe", (v, a, b) -> NumberFilters.none(a, new Markup(Repr.text(v, b))));
    ALL.put("select", (v, a, b) -> LookupFilters.select(v, a, true, false, b));
    ALL.put("selectattr", (v, a, b) -> LookupFilters.select(v, a, true, true, b));
    ALL.put("slice", ListFilters::slice);
    ALL.put("sort", SortFilters::sort);
    ALL.put("string", (v, a, b) -> v instanceof Markup ? v : Repr.text(v, b));
    ALL.put("sum", NumberFilters::sum);
    ALL.put("title", TextFilters.plain(TextFilters::title));
    ALL.put("tojson", TextFilters::tojson);
    ALL.put("trim", TextFilters::trim);
    ALL.put("truncate", TextFilters::truncate);
    ALL.put("unique", SortFilters::unique);
    ALL.put("upper", TextFilters.plain(Letters::upper));
    ALL.put("wordcount", TextFilters::wordcount);
  }

  private Filters() {}

  /** Returns whether Jinja has a filter of that name, offered here or not. */
  public static boolean exists(String name) {
    return ALL.containsKey(name) || NOT_OFFERED.contains(name);
  }

  /**
   * Returns a filter, as a function that takes the value before the arguments.
   *
   * @throws RenderError if it is not there, or not offered
   */
  public static Filter named(String name) {
    Method<Object> filter = ALL.get(name);
    if (filter != null) {
      return filter::call;
    }
    throw NOT_OFFERED.contains(name)
        ? RenderError.notOffered("filter '" + name + "'")
        : RenderError.value("no filter named '" + name + "'");
  }
}
