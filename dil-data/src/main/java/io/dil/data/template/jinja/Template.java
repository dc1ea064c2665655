package io.dil.data.template.jinja;

import io.dil.data.template.python.PyDict;
import io.dil.data.template.python.RenderError;
import java.util.List;

/**
 * A template that has been read, ready to be rendered any number of times, by several threads at
 * once.
 */
public final class Template {
  private final Parser.Parsed parsed;

  private Template(Parser.Parsed parsed) {
    this.parsed = parsed;
  }

  /**
   * What a rendering gives.
   *
   * @param text the text
   * @param spoken the parts of it that {@code generation} blocks wrote, in order
   * @param hasLostSpans whether such a block stood where its place in the text cannot be told:
   *     inside a macro or a captured block
   */
  public record Rendered(String text, List<Span> spoken, boolean hasLostSpans) {}

  /**
   * Reads a template.
   *
   * @throws RenderError if it is not Jinja, or uses what is not offered
   */
  public static Template parse(String source) {
    try {
      return new Template(Parser.parse(source));
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  /**
   * Renders the template.
   *
   * @param values its variables, by name
   * @throws RenderError if it is at fault or passes a bound
   * @throws io.dil.data.template.TemplateRefusal if it raises an exception of its own
   */
  public Rendered render(PyDict values) {
    Rendering rendering = new Rendering();
    try {
      Scope top = Scope.of(rendering, values).inner(parsed.names().missing());
      parsed.body().run(top, rendering.out());
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
    return new Rendered(rendering.out().toString(), rendering.spans(), rendering.hasLostSpans());
  }

  private static RenderError tooDeep() {
    return RenderError.limit("template must be nested less deep");
  }
}
