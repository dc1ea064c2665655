package io.dil.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.train.quickstart.Quickstart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input gets exit status 2 and one line that says what, where, and what to do. */
class BadInputTest {
  private static final String ROW =
      "{\"prompt\":\"ask mira for tea :\",\"chosen\":\" please\",\"rejected\":\" now\"}\n";

  @TempDir Path folder;
  private Path pairs;

  @BeforeEach
  void unpack() throws IOException {
    Quickstart.unpack(folder);
    pairs = folder.resolve("rows.jsonl");
  }

  @Test
  void dataFiles() throws IOException {
    fails("no such file", "rows.jsonl");
    Files.writeString(pairs, "");
    fails("must", "rows.jsonl");
    Files.writeString(pairs, ROW + "{not json\n");
    fails("rows.jsonl:2:");
    Files.writeString(pairs, ROW + "{\"prompt\":\"x\",\"rejected\":\"y\"}\n");
    fails("rows.jsonl:2:", "chosen");
    byte[] bytes = (ROW + ROW).getBytes(StandardCharsets.UTF_8);
    bytes[ROW.length() + 14] = (byte) 0xC3;
    Files.write(pairs, bytes);
    fails("rows.jsonl:2:", "UTF-8");
  }

  @Test
  void aCutGzip() throws IOException {
    pairs = folder.resolve("rows.jsonl.gz");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(ROW.repeat(100).getBytes(StandardCharsets.UTF_8));
    }
    Files.write(pairs, Arrays.copyOf(packed.toByteArray(), packed.size() - 12));
    fails("rows.jsonl.gz");
  }

  @Test
  void models() throws IOException {
    Files.writeString(pairs, ROW);
    Path config = folder.resolve("model/config.json");
    String good = Files.readString(config);
    Files.writeString(config, good.replace("\"llama\"", "\"llamma\""));
    fails("config.json", "model_type must be one of [", "got \"llamma\"");
    Files.writeString(config, good.replace("\"silu\"", "\"relu7\""));
    fails("config.json", "hidden_act", "relu7");
    Files.writeString(config, good.replace("\"hidden_size\" : 64", "\"hidden_size\" : 72"));
    fails("model.safetensors", "must have the shape");
    Files.writeString(config, good);

    Path tokenizer = folder.resolve("model/tokenizer.json");
    String words = Files.readString(tokenizer);
    Files.writeString(tokenizer, words.replace("\"ask\" : 3", "\"ask\" : 3000"));
    fails("tokenizer");
    Files.writeString(tokenizer, words);

    Path weights = folder.resolve("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 4));
    fails("model.safetensors", "must lie within");
    Files.delete(weights);
    fails("no model.safetensors");
  }

  @Test
  void settings() throws IOException {
    Files.writeString(pairs, ROW);
    fails(List.of("learning_rat=1"), "unknown key learning_rat", "learning_rate");
    fails(List.of("loss_type=dpoo"), "dpoo", "dpo");
    fails(List.of("beta=0.1"), "beta is not used by loss_type dil-lsif");
    fails(List.of("loss_type=dpo", "beta=-1"), "beta");
    fails(List.of("learning_rate=fast"), "learning_rate must be a number", "'fast'");
    fails(List.of("eval_steps=5"), "eval_steps would be ignored");
    fails(List.of("output_dir=" + folder.resolve("model")), "must differ");
    Files.writeString(folder.resolve("plain"), "a file");
    fails(List.of("output_dir=" + folder.resolve("plain/x")), "output_dir must be a folder");
    Path yaml = folder.resolve("bad.yaml");
    Files.writeString(yaml, "seed: 1\nseed: 2\n");
    assertEquals(2, run(new ArrayList<>(), "train", yaml.toString()));
    Files.writeString(yaml, "- a\n- list\n");
    List<String> lines = new ArrayList<>();
    assertEquals(2, run(lines, "train", yaml.toString()));
    assertTrue(lines.get(0).contains("bad.yaml:1:"), lines::toString);
  }

  @Test
  void devices() throws IOException {
    Files.writeString(pairs, ROW);
    fails(List.of("device=tpu"), "device must be");
    fails(List.of("device=cuda:7"), "device must be one of 0 GPUs that the engine sees");
    fails(List.of("devices=2"), "devices must be cpux2", "the engine sees no GPU, got '2'");
    fails(
        List.of("devices=cpux3", "per_device_train_batch_size=2"),
        "devices must be at most the 2 examples of a step");
  }

  @Test
  void valuesWithoutSense() throws IOException {
    Files.writeString(pairs, ROW);
    fails(List.of("eval_dataset_name=[null]"), "eval_dataset_name must be text");
    fails(List.of("dataset_name=[[1]]"), "dataset_name must be text");
    fails(List.of("output_dir=a\u0000b"), "output_dir must be text without control characters");
    fails(List.of("model_name_or_path=\"a\\0b\""), "model_name_or_path must be text without");
    fails(List.of("dataset_name=pairs:a\u0000b"), "control characters");
    fails(List.of("dataset_name=pairs:hf://datasets/o/n@..%2F..%2Fx/a.json"), "revision of a hub");
    fails(List.of("dataset_name=pairs:" + folder.resolve("[.jsonl")), "not a glob");
    fails(List.of("use_peft=true", "lora_alpha=1e308"), "lora_alpha must be a number in");
    fails(List.of("learning_rate=NaN"), "learning_rate must be a number");
    fails(List.of("max_steps=1e400"), "max_steps must be an integer");
  }

  @Test
  void configurationsWithoutSense() throws IOException {
    Files.writeString(pairs, ROW);
    Path config = folder.resolve("model/config.json");
    String good = Files.readString(config);
    for (String[] change :
        new String[][] {
          {
            "\"num_hidden_layers\" : \\d+", "\"num_hidden_layers\": 2147483647", "num_hidden_layers"
          },
          {
            "\"num_hidden_layers\" : \\d+",
            "\"num_hidden_layers\": 99999999999",
            "num_hidden_layers"
          },
          {"\"hidden_size\" : \\d+", "\"hidden_size\": 2147483646", "hidden_size"},
          {"\"vocab_size\" : \\d+", "\"vocab_size\": 2147483647", "vocab_size"},
          {"\\{", "{\"head_dim\": 2147483646,", "head_dim"},
          {"\"rms_norm_eps\" : [^,]+", "\"rms_norm_eps\": -1", "rms_norm_eps"},
          {"\"rms_norm_eps\" : [^,]+", "\"rms_norm_eps\": 1e19", "rms_norm_eps"},
          {"\\{", "{\"rope_parameters\": {\"rope_theta\": 1e300},", "rope_theta"}
        }) {
      String bad = good.replaceFirst(change[0], change[1]);
      assertNotEquals(good, bad, change[1]);
      Files.writeString(config, bad);
      long begun = System.nanoTime();
      fails("config.json", change[2]);
      assertTrue(System.nanoTime() - begun < 5_000_000_000L, change[1]);
    }
    Files.writeString(config, good);
    Path tokenizer = folder.resolve("model/tokenizer.json");
    String words = Files.readString(tokenizer);
    for (String id : new String[] {"2147483648", "4294967295", "-1", "1.5", "\"x\""}) {
      Files.writeString(tokenizer, words.replace("\"ask\" : 3", "\"ask\" : " + id));
      fails("tokenizer.json");
    }
  }

  @Test
  void adaptersWithoutSense() throws IOException {
    Path adapter = Files.createDirectories(folder.resolve("adapter"));
    String good =
        "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"target_modules\":[\"q_proj\"]";
    for (String[] change :
        new String[][] {
          {"\"lora_alpha\":1e308", "lora_alpha must be a number above 0"},
          {"\"lora_alpha\":-1", "lora_alpha must be a number above 0"},
          {"\"use_rslora\":[1,2,3]", "use_rslora must be true or false"},
          {"\"r\":4294967297", "r must be an integer"},
          {"\"target_modules\":[null]", "target_modules must name"},
          {"\"target_modules\":{\"a\":1}", "target_modules must name"},
          {"\"base_model_name_or_path\":\"a\\u0000b\"", "base_model_name_or_path must be text"}
        }) {
      Files.writeString(adapter.resolve("adapter_config.json"), good + "," + change[0] + "}");
      List<String> lines = new ArrayList<>();
      int status =
          run(
              lines,
              "generate",
              "--model",
              folder.resolve("model").toString(),
              "--adapter",
              adapter.toString(),
              "--prompt",
              "x");
      assertEquals(2, status, lines::toString);
      assertEquals(1, lines.size(), lines::toString);
      assertTrue(lines.get(0).contains("adapter_config.json: " + change[1]), lines::toString);
    }
  }

  @Test
  void weightsThatAreNotNumbers() throws IOException {
    Path weights = folder.resolve("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    // The last tensor of the file: a NaN in fp32.
    bytes[bytes.length - 1] = 0x7f;
    bytes[bytes.length - 2] = (byte) 0xc0;
    Files.write(weights, bytes);
    Files.writeString(pairs, ROW);
    String model = folder.resolve("model").toString();
    for (String[] call :
        new String[][] {
          {"score", "--model", model, "--data", "pairs:" + pairs},
          {"generate", "--model", model, "--prompt", "ask mira for tea :"},
          {"generate", "--model", model, "--prompt", "ask mira", "--temperature", "1", "--json"}
        }) {
      List<String> lines = new ArrayList<>();
      assertEquals(2, run(lines, call), lines::toString);
      assertEquals(1, lines.size(), lines::toString);
      assertTrue(lines.get(0).contains("must be finite, got NaN"), lines::toString);
    }
  }

  @Test
  void commands() {
    for (String[] call :
        new String[][] {{"trian"}, {"score"}, {"generate", "--prompt", "x"}, {"train", "--fast"}}) {
      List<String> lines = new ArrayList<>();
      assertEquals(2, run(lines, call), lines::toString);
      assertEquals(1, lines.size(), lines::toString);
      assertTrue(lines.get(0).startsWith("dil: "), lines::toString);
    }
  }

  private void fails(String... says) {
    fails(List.of(), says);
  }

  private void fails(List<String> overrides, String... says) {
    List<String> words = new ArrayList<>();
    words.add("train");
    words.add("model_name_or_path=" + folder.resolve("model"));
    words.add("dataset_name=pairs:" + pairs);
    words.add("output_dir=" + folder.resolve("run"));
    words.addAll(overrides);
    List<String> lines = new ArrayList<>();
    assertEquals(2, run(lines, words.toArray(new String[0])), lines::toString);
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.get(0).startsWith("dil: "), lines::toString);
    for (String text : says) {
      assertTrue(lines.get(0).contains(text), () -> lines + " must contain " + text);
    }
    assertFalse(Files.exists(folder.resolve("run/model.safetensors")));
  }

  private static int run(List<String> errors, String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      return Dil.run(args);
    } finally {
      System.setErr(before);
      captured.toString(StandardCharsets.UTF_8).lines().forEach(errors::add);
    }
  }
}
