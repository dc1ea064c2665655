package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.train.quickstart.Quickstart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Published files of other trainers: what {@code train --check} says of them, and that they train.
 */
class CheckCommandTest {
  private static final Path PUBLISHED = Path.of("src/test/resources/foreign/published");

  @TempDir Path folder;
  private final List<String> errors = new ArrayList<>();
  private String out = "";

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
  }

  @Test
  void oneRunSaysAllThatHasToBeDoneAndTheFileThenTrains() throws IOException {
    // alignment-handbook, SimPO: the lines to give, all of them in one answer.
    trains("llama-3-8b-base-simpo", 2, "loss_type=simpo", "report_to=none");
    trains("pref-align-scan-dpo", 1, "push_to_hub_revision=false");
    // LLaMA-Factory says its loss; the data set's name means nothing elsewhere.
    trains("llama3-lora-dpo", 1);
  }

  @Test
  void everyPublishedFileGetsOneCompleteAnswer() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(PUBLISHED)) {
      files = list.sorted().toList();
    }
    assertTrue(files.size() >= 20, files::toString);
    for (Path file : files) {
      Path copy = copy(file);
      assertEquals(2, run("train", "--check", copy.toString()), file::toString);
      assertTrue(out.contains("written: " + TranslatedFile.beside(copy)), out);
      for (String error : errors) {
        assertTrue(error.startsWith("dil: " + copy), error);
        assertFalse(error.contains("unknown key"), error);
      }
      assertEquals(errors.size(), errors.stream().distinct().count(), errors::toString);
    }
  }

  @Test
  void theTranslationNeverReplacesWhatItDidNotWrite() throws IOException {
    Path file = copy(PUBLISHED.resolve("llama-3-8b-base-simpo.yaml"));
    String before = Files.readString(file);
    Path beside = TranslatedFile.beside(file);
    run("train", "--check", file.toString());
    run("train", "--check", file.toString());
    assertTrue(Files.readString(beside).contains("gamma: 1.0\n"));
    Files.writeString(beside, "seed: 1\n");
    assertEquals(2, run("train", "--check", file.toString()));
    assertTrue(errors.get(0).contains("holds something else"), errors::toString);
    assertEquals("seed: 1\n", Files.readString(beside));
    assertEquals(before, Files.readString(file));
  }

  @Test
  void placesAreLookedForBeforeTheModelIsRead() throws IOException {
    Path file = folder.resolve("own.yaml");
    Files.writeString(
        file,
        "model_name_or_path: "
            + folder.resolve("nothing")
            + "\ndataset_name: pairs:nowhere.jsonl\noutput_dir: "
            + folder.resolve("run")
            + "\nchat_template_path: none.jinja\n");
    assertEquals(2, run("train", "--check", file.toString()));
    assertEquals(3, errors.size(), errors::toString);
    assertTrue(errors.get(0).contains(":1: model_name_or_path: no such folder"), errors::toString);
    assertTrue(errors.get(0).contains("hf://ORG/NAME"), errors::toString);
    assertTrue(errors.get(1).contains(":2: nowhere.jsonl: no such file"), errors::toString);
    assertFalse(Files.exists(folder.resolve("own.dil.yaml")), "nothing was to be translated");
    List<String> checked = List.copyOf(errors);
    assertEquals(2, run("train", file.toString()));
    assertEquals(checked, errors);
  }

  private void trains(String name, int refusals, String... answers) throws IOException {
    Path file = copy(PUBLISHED.resolve(name + ".yaml"));
    assertEquals(2, run("train", "--check", file.toString()));
    assertEquals(refusals, errors.size(), errors::toString);
    List<String> words = new ArrayList<>(List.of("train", file.toString()));
    words.addAll(List.of(answers));
    words.add("model_name_or_path=" + folder.resolve("model"));
    words.add("dataset_name=pairs:" + folder.resolve("pairs.jsonl"));
    words.add("output_dir=" + folder.resolve(name));
    words.add("max_steps=1");
    words.add("max_train_samples=8");
    words.add("report_generations=0");
    if (Files.readString(file).contains("eval_steps")) {
      words.add("eval_dataset_name=pairs:" + folder.resolve("pairs.jsonl"));
      words.add("max_eval_samples=4");
    }
    assertEquals(0, run(words.toArray(new String[0])), errors::toString);
    assertTrue(out.contains("another trainer's file: "), out);
    assertTrue(Files.exists(folder.resolve(name).resolve("manifest.json")), out);
  }

  private Path copy(Path file) throws IOException {
    Path copy = folder.resolve(file.getFileName());
    Files.copy(file, copy);
    return copy;
  }

  private int run(String... args) {
    PrintStream err = System.err;
    PrintStream standard = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      return Dil.run(args);
    } finally {
      System.setErr(err);
      System.setOut(standard);
      errors.clear();
      captured.toString(StandardCharsets.UTF_8).lines().forEach(errors::add);
      out = printed.toString(StandardCharsets.UTF_8);
    }
  }
}
