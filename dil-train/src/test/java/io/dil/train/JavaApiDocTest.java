package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of docs/java-api.md compile, and the shortest ways stay short. */
class JavaApiDocTest {
  private static final Path PAGE = Path.of("../docs/java-api.md");
  private static final int SHORT = 10;

  @TempDir Path classes;

  private static String section(String page, String title) {
    int from = page.indexOf("\n## " + title + "\n");
    assertTrue(from >= 0, () -> "no section " + title);
    int to = page.indexOf("\n## ", from + 1);
    return page.substring(from, to < 0 ? page.length() : to);
  }

  private static List<String> blocks(String text) {
    List<String> blocks = new ArrayList<>();
    // Empty lines within a block have no indent.
    Matcher block = Pattern.compile("(?m)^ {4}.*\\R(?:(?: {4}.*)?\\R)*").matcher(text);
    while (block.find()) {
      blocks.add(block.group());
    }
    return blocks;
  }

  @Test
  void everySnippetCompiles() throws IOException {
    String page = Files.readString(PAGE);
    List<String> data = blocks(section(page, "Data of a program"));
    List<String> programs = new ArrayList<>();
    programs.add(blocks(section(page, "Train")).get(0));
    programs.add(data.get(0));
    for (String title :
        List.of("A loss of one's own", "See what a run does", "Write, score, evaluate")) {
      programs.add(data.get(0) + blocks(section(page, title)).get(0));
    }
    assertEquals(programs.size(), blocks(page).size(), "every block of the page is one of them");
    StringBuilder source = new StringBuilder();
    for (String name :
        List.of(
            "io.dil.core.model.*",
            "io.dil.data.*",
            "io.dil.losses.*",
            "io.dil.train.*",
            "io.dil.train.config.*",
            "io.dil.train.eval.*",
            "io.dil.train.optim.*",
            "java.util.*",
            "java.util.stream.*")) {
      source.append("import ").append(name).append(";\n");
    }
    source.append("class Snippets {\n");
    for (int i = 0; i < programs.size(); i++) {
      source
          .append("void snippet")
          .append(i)
          .append("() {\n")
          .append(programs.get(i))
          .append("}\n");
    }
    StringWriter said = new StringWriter();
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                said,
                null,
                null,
                List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp", classPath()),
                null,
                List.of(new Source(source.append("}\n").toString())))
            .call();
    assertTrue(compiled, () -> said + "\n" + source);
  }

  @Test
  void evaluationGenerationAndScoringAreShort() throws IOException {
    String text = blocks(section(Files.readString(PAGE), "Write, score, evaluate")).get(0);
    assertTrue(text.strip().lines().count() < SHORT, text);
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Snippets.java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignore) {
      return text;
    }
  }
}
