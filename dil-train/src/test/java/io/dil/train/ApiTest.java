package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.train.config.ConfigBuilder;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What applications use stays as it is. A line of {@code signatures.txt} that no longer holds is a
 * break; what is new breaks nobody, and joins the file the next time that it is written.
 *
 * <p>{@code -Ddil.api.accept=true} writes the file.
 */
class ApiTest {
  private static final Path FOLDER = Path.of("src/test/resources/api");
  private static final Path SIGNATURES = FOLDER.resolve("signatures.txt");

  private static List<Class<?>> types() throws IOException {
    List<Class<?>> types = new ArrayList<>();
    List<String> names = new ArrayList<>(Files.readAllLines(FOLDER.resolve("types.txt")));
    // The settings, by their constants: whoever adds a class of them need not think of this.
    try (Stream<Path> files = Files.list(Path.of("src/main/java/io/dil/train/config"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith("Settings.java"))
          .sorted()
          .map(file -> "io.dil.train.config." + file.replace(".java", ""))
          .forEach(names::add);
    }
    for (String line : names) {
      if (!line.startsWith("#")) {
        try {
          types.add(Class.forName(line));
        } catch (ClassNotFoundException e) {
          throw new AssertionError(line + " is gone, which breaks those who use it", e);
        }
      }
    }
    return types;
  }

  private static Set<String> signatures() throws IOException {
    Set<String> lines = new TreeSet<>();
    for (Class<?> type : types()) {
      assertTrue(Modifier.isPublic(type.getModifiers()), type + " is public");
      lines.add(type.toGenericString() + supertypes(type));
      Stream.of(type.getDeclaredFields())
          .filter(ApiTest::isSeen)
          .map(Field::toGenericString)
          .forEach(lines::add);
      Stream.of(type.getDeclaredConstructors())
          .filter(ApiTest::isSeen)
          .map(Constructor::toGenericString)
          .forEach(lines::add);
      Stream.of(type.getDeclaredMethods())
          .filter(ApiTest::isSeen)
          .filter(method -> !method.isBridge() && !method.isSynthetic())
          .map(Method::toGenericString)
          .forEach(lines::add);
    }
    return lines;
  }

  private static String supertypes(Class<?> type) {
    List<String> above = new ArrayList<>();
    if (type.getGenericSuperclass() != null) {
      above.add(type.getGenericSuperclass().getTypeName());
    }
    Stream.of(type.getGenericInterfaces())
        .map(each -> each.getTypeName())
        .sorted()
        .forEach(above::add);
    return above.isEmpty() ? "" : " : " + String.join(", ", above);
  }

  private static boolean isSeen(Member member) {
    boolean inherited =
        Modifier.isProtected(member.getModifiers())
            && !Modifier.isFinal(member.getDeclaringClass().getModifiers());
    return Modifier.isPublic(member.getModifiers()) || inherited;
  }

  @Test
  void nothingThatApplicationsUseIsGone() throws IOException {
    Set<String> now = signatures();
    if (Boolean.getBoolean("dil.api.accept")) {
      Files.write(SIGNATURES, now);
    }
    Set<String> gone = new TreeSet<>(Files.readAllLines(SIGNATURES));
    gone.removeAll(now);
    assertTrue(
        gone.isEmpty(),
        () ->
            "applications that use this no longer compile:\n  "
                + String.join("\n  ", gone)
                + "\nkeep it, or accept the break as CONTRIBUTING.md says");
  }

  @Test
  void whatIsPromisedNeedsNothingThatIsNot() throws IOException {
    Set<Class<?>> promised = new HashSet<>(types());
    // By these an application goes below the API.
    Set<String> below = Set.of("LanguageModel.model", "LanguageModel.tokenizer");
    Set<String> leaks = new TreeSet<>();
    for (Class<?> type :
        List.of(
            LanguageModel.class,
            RunResult.class,
            TrainingListener.class,
            TrainingRun.class,
            ConfigBuilder.class)) {
      for (Method method : type.getDeclaredMethods()) {
        String name = type.getSimpleName() + "." + method.getName();
        if (isSeen(method) && !method.isSynthetic() && !below.contains(name)) {
          uses(method, method.getReturnType(), promised)
              .forEach(used -> leaks.add(name + " uses " + used));
        }
      }
    }
    assertEquals(Set.of(), leaks);
  }

  private static List<String> uses(Executable method, Class<?> returned, Set<Class<?>> promised) {
    return Stream.concat(Stream.of(returned), Stream.of(method.getParameterTypes()))
        .filter(used -> used.getName().startsWith("io.dil.") && !promised.contains(used))
        .map(Class::getName)
        .toList();
  }

  @Test
  void everySettingIsAConstantAndEveryConstantASetting() throws Exception {
    Set<String> constants = new TreeSet<>();
    for (Class<?> type : types()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getType() == Setting.class && isSeen(field)) {
          constants.add(((Setting<?>) field.get(null)).name());
        }
      }
    }
    Set<String> settings = new TreeSet<>();
    Settings.all().forEach(setting -> settings.add(setting.name()));
    assertEquals(settings, constants);
  }
}
