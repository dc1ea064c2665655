package io.dil.train.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Turns Ctrl-C (and a polite kill) into a request to stop: the run ends within seconds and keeps
 * what it made. A second one ends the process at once.
 *
 * <p>Java has no public way to hear of signals, and a shutdown hook hears of the first alone, so
 * this goes to {@code sun.misc.Signal} of the module {@code jdk.unsupported}, by name, since a
 * compiler that warns of it cannot be told not to. Where that module is missing, Ctrl-C ends the
 * process, and the run goes on from its last checkpoint.
 */
final class Interrupt implements AutoCloseable {
  private static final List<String> SIGNALS = List.of("INT", "TERM");

  private final AtomicInteger heard = new AtomicInteger();
  private final Runnable stop;
  private final List<Installed> installed = new ArrayList<>();

  /** A signal that is listened to, and what it did before. */
  private record Installed(Object signal, Object before) {}

  Interrupt(Runnable stop) {
    this.stop = stop;
    for (String name : SIGNALS) {
      install(name);
    }
  }

  private void install(String name) {
    try {
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object signal =
          Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
      Object own =
          Proxy.newProxyInstance(
              Interrupt.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> hear();
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> arguments != null && proxy == arguments[0];
                    default -> "interrupt";
                  });
      Object before = handle(signal, own);
      if (before.equals(handler.getField("SIG_IGN").get(null))) {
        // What a shell told this process to ignore, as it tells those in its background.
        handle(signal, before);
      } else {
        installed.add(new Installed(signal, before));
      }
    } catch (InvocationTargetException | LinkageError e) {
      // The platform or an option of the JVM (-Xrs) keeps the signal to itself.
      return;
    } catch (ReflectiveOperationException e) {
      // The module is not there.
      return;
    }
  }

  private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
    return signal
        .getClass()
        .getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"))
        .invoke(null, signal, handler);
  }

  private @Nullable Object hear() {
    if (heard.incrementAndGet() > 1) {
      Runtime.getRuntime().halt(Dil.INTERRUPTED);
    }
    stop.run();
    return null;
  }

  @Override
  public void close() {
    for (Installed one : installed) {
      try {
        handle(one.signal(), one.before());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("a signal that was listened to cannot be given back", e);
      }
    }
  }
}
