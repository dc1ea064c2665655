package io.dil.data.template;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.AutoCloseableSupplier;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.tree.Node;
import io.dil.core.InputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Jinja as transformers renders it ({@link WhitespaceControl} trims blocks), in a sandbox: no
 * files, no other templates, no Java methods; bounded output and bounded time.
 */
final class JinjaSandbox {
  /** No published conversation comes near; a template that writes more is broken. */
  static final int LONGEST_OUTPUT = 16 << 20;

  /** A conversation renders in well under a millisecond. */
  private static final long LONGEST_NANOS = 2_000_000_000L;

  private static final String DEADLINE = "dil deadline";

  private static final Map<Context.Library, Set<String>> CLOSED =
      Map.of(
          Context.Library.TAG,
          Set.of("include", "import", "from", "extends", "block", "autoescape", "call", "cycle"),
          Context.Library.FILTER,
          Set.of(
              "render",
              "log",
              "fromyaml",
              "toyaml",
              "fromjson",
              "ipaddr",
              "ipv4",
              "ipv6",
              "root",
              "random",
              "shuffle",
              "prettyprint",
              "pprint",
              "format_date",
              "datetimeformat"));

  private final Jinjava engine;

  JinjaSandbox() {
    JinjavaConfig config =
        JinjavaConfig.newBuilder()
            .withTrimBlocks(false)
            .withLstripBlocks(false)
            .withNestedInterpretationEnabled(false)
            .withEnableRecursiveMacroCalls(false)
            .withMaxRenderDepth(10)
            .withMaxOutputSize(LONGEST_OUTPUT)
            .withMaxStringLength(LONGEST_OUTPUT)
            .withMaxListSize(100_000)
            .withMaxMapSize(10_000)
            .withRangeLimit(10_000)
            .withDisabled(CLOSED)
            .withElResolver(new PythonMethods())
            .withProcessors(
                JinjavaProcessors.newBuilder().withNodePreProcessor(JinjaSandbox::check).build())
            .withLegacyOverrides(
                LegacyOverrides.newBuilder()
                    .withEvaluateMapKeys(true)
                    .withIterateOverMapKeys(true)
                    .withUsePyishObjectMapper(true)
                    .withUseNaturalOperatorPrecedence(true)
                    // Otherwise the sign of {{ -1 }} counts as one that trims.
                    .withParseWhitespaceControlStrictly(true)
                    .withAllowAdjacentTextNodes(true)
                    .withKeepNullableLoopValues(true)
                    .build())
            .build();
    engine = new Jinjava(config);
    engine.setResourceLocator(
        (name, charset, interpreter) -> {
          throw new InterpretException("templates read no files, asked for " + name);
        });
    Extensions.register(engine.getGlobalContext());
  }

  /** Stops a template that runs for too long; called before every node of its tree. */
  private static void check(Node node, JinjavaInterpreter interpreter) {
    Object deadline = interpreter.getContext().get(DEADLINE);
    if (deadline instanceof Long nanos && System.nanoTime() - nanos > 0) {
      throw new TooSlow();
    }
  }

  /** A template, ready to be rendered any number of times by one thread at a time. */
  Node parse(String source) {
    JinjavaInterpreter interpreter = interpreter(Map.of());
    try (AutoCloseableSupplier.AutoCloseableImpl<JinjavaInterpreter> current =
        JinjavaInterpreter.closeablePushCurrent(interpreter).get()) {
      Node node = interpreter.parse(WhitespaceControl.apply(source));
      failOn(interpreter.getErrorsCopy());
      return node;
    }
  }

  /**
   * Renders a template.
   *
   * @throws TemplateRefusal if it raises an exception of its own
   * @throws InputException if it is at fault itself
   */
  String render(Node template, Map<String, Object> values) {
    Map<String, Object> all = new HashMap<>(values);
    all.put(DEADLINE, System.nanoTime() + LONGEST_NANOS);
    // Functions are no variables in jinjava; templates ask whether this one is defined.
    all.put("strftime_now", "strftime_now");
    JinjavaInterpreter interpreter = interpreter(all);
    try (AutoCloseableSupplier.AutoCloseableImpl<JinjavaInterpreter> current =
        JinjavaInterpreter.closeablePushCurrent(interpreter).get()) {
      String out = interpreter.render(template);
      failOn(interpreter.getErrorsCopy());
      return out;
    } catch (TooSlow e) {
      throw new InputException(
          "chat template must render within " + LONGEST_NANOS / 1_000_000_000 + " s, took longer",
          e);
    } catch (InterpretException e) {
      throw problem(String.valueOf(e.getMessage()), e);
    }
  }

  private JinjavaInterpreter interpreter(Map<String, Object> values) {
    Context context = new Context(engine.getGlobalContextCopy(), values, CLOSED);
    return new PythonInterpreter(engine, context);
  }

  private static void failOn(List<TemplateError> errors) {
    for (TemplateError error : errors) {
      throw problem(error.getMessage(), error.getException());
    }
  }

  private static RuntimeException problem(String message, Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof TemplateRefusal refusal) {
        return refusal;
      }
      if (cause instanceof TooSlow) {
        return new InputException("chat template must render in bounded time, took longer", cause);
      }
    }
    return new InputException(
        "chat template cannot be rendered: " + message.lines().findFirst().orElse(""), error);
  }

  /** Writes truth values as Python does. */
  private static final class PythonInterpreter extends JinjavaInterpreter {
    PythonInterpreter(Jinjava engine, Context context) {
      super(engine, context, engine.getGlobalConfig());
    }

    @Override
    public String getAsString(Object value) {
      if (value instanceof Boolean flag) {
        return flag ? "True" : "False";
      }
      return super.getAsString(value);
    }
  }

  /** The deadline has passed. */
  private static final class TooSlow extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
