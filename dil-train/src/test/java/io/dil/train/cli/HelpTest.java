package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.losses.Losses;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;

/** Every command, whatever there is, tells about itself and is found when it is misspelt. */
class HelpTest {
  private String out = "";
  private String err = "";

  @TestFactory
  Stream<DynamicTest> everyCommand() {
    List<List<String>> paths = new ArrayList<>();
    collect(new CommandLine(new Dil()), List.of(), paths);
    assertTrue(paths.size() > 15, paths::toString);
    return paths.stream()
        .map(path -> DynamicTest.dynamicTest(String.join(" ", path), () -> helps(path)));
  }

  private static void collect(CommandLine command, List<String> path, List<List<String>> paths) {
    for (Map.Entry<String, CommandLine> sub : command.getSubcommands().entrySet()) {
      List<String> longer = new ArrayList<>(path);
      longer.add(sub.getKey());
      paths.add(longer);
      collect(sub.getValue(), longer, paths);
    }
  }

  private void helps(List<String> path) {
    List<String> asked = new ArrayList<>(path);
    asked.add("--help");
    assertEquals(0, run(asked));
    String help = out;
    assertTrue(help.startsWith("Usage: dil " + String.join(" ", path)), help);
    assertEquals("", err);
    List<String> word = new ArrayList<>(List.of("help"));
    word.addAll(path);
    assertEquals(0, run(word));
    assertEquals(help, out);
    // A letter too many, and it is named.
    String last = path.get(path.size() - 1);
    List<String> misspelt = new ArrayList<>(path.subList(0, path.size() - 1));
    misspelt.add(last + "x");
    assertEquals(2, run(misspelt));
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains("did you mean '" + last + "'?"), err);
    misspelt.add(0, "help");
    assertEquals(2, run(misspelt));
    assertTrue(err.contains("did you mean '" + last + "'?"), err);
    List<String> option = new ArrayList<>(path);
    option.add("--hepl");
    assertEquals(2, run(option));
    assertTrue(err.startsWith("dil: "), err);
    CommandLine command = new CommandLine(new Dil());
    for (String each : path) {
      command = command.getSubcommands().get(each);
    }
    command
        .getCommandSpec()
        .args()
        .forEach(each -> assertTrue(each.description().length > 0, each + " of " + path));
  }

  @Test
  void suggestionsAreNear() {
    assertEquals(2, run(List.of("qwertyuiop")));
    assertEquals("dil: unknown command 'qwertyuiop' ('dil --help' lists them)", err.trim());
    assertEquals(2, run(List.of("trian")));
    assertTrue(err.contains("did you mean 'train'?"), err);
    assertEquals(2, run(List.of("train", "--chekc")));
    assertTrue(err.contains("unknown option '--chekc'; did you mean '--check'?"), err);
    assertEquals(0, run(List.of("help")));
    assertTrue(out.contains("doctor"), out);
  }

  @Test
  void keysAreThoseOfTheLossToo() {
    assertEquals(0, run(List.of("train", "--keys")));
    assertTrue(out.contains("learning_rate") && out.contains("log_ratio_bound"), out);
    assertFalse(out.contains("simpo_gamma"), out);
    assertEquals(0, run(List.of("train", "--keys", "loss_type=simpo")));
    Losses.describe("simpo")
        .parameters()
        .forEach(parameter -> assertTrue(out.contains("\n" + parameter.name() + " "), out));
    assertTrue(out.contains("simpo_gamma"), out);
  }

  private int run(List<String> args) {
    PrintStream before = System.err;
    PrintStream standard = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      return Dil.run(args.toArray(new String[0]));
    } finally {
      System.setErr(before);
      System.setOut(standard);
      err = captured.toString(StandardCharsets.UTF_8);
      out = printed.toString(StandardCharsets.UTF_8);
    }
  }
}
