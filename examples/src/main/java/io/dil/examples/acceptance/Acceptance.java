package io.dil.examples.acceptance;

import ai.djl.Device;
import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.FreeMemory;
import io.dil.core.torch.TorchNatives;
import io.dil.train.Devices;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks a device and writes one page. Each part runs in a process of its own with a limit of its
 * own, so that one that fails, hangs or ends its process leaves the others be.
 *
 * <p>Arguments as {@code key=value}: {@code device} (cuda), {@code out} (the page), {@code work} (a
 * folder for what is made), {@code python} (one with torch, or nothing), {@code script}
 * (values.py), {@code rehearse} (true: values are shown and not judged). With {@code part=NAME} it
 * is that part, and prints its checks.
 */
public final class Acceptance {
  private static final Map<String, Object> MEMORY_SHAPE = memoryShape();

  private final Map<String, String> words;

  private Acceptance(Map<String, String> words) {
    this.words = words;
  }

  /** Runs all parts, or one, and exits with 1 where a check failed. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> words = new LinkedHashMap<>();
    for (String word : args) {
      String[] pair = word.split("=", 2);
      words.put(pair[0], pair.length > 1 ? pair[1] : "");
    }
    Acceptance own = new Acceptance(words);
    if (words.containsKey("part")) {
      TorchNatives.prepare();
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      own.part(own.word("part", ""), new Checks(out, !own.rehearsal()));
      // What a part leaves on the device goes with its process.
      Runtime.getRuntime().halt(0);
    }
    boolean fine = new Page(words, own.rehearsal()).write();
    System.exit(fine ? 0 : 1);
  }

  private String word(String name, String fallback) {
    return words.getOrDefault(name, fallback);
  }

  private boolean rehearsal() {
    return Boolean.parseBoolean(word("rehearse", "false"));
  }

  private void part(String name, Checks checks) throws IOException {
    String device = word("device", "cuda");
    Path work = Files.createDirectories(Path.of(word("work", "acceptance")).resolve(name));
    switch (name) {
      case "machine" -> machine(device, checks);
      case "values" ->
          ValueChecks.run(
              Devices.of(device),
              work,
              word("python", ""),
              Path.of(word("script", "values.py")),
              checks);
      case "resume" -> RunChecks.resumed(device, work, checks);
      case "cards" ->
          RunChecks.shared(device, Engine.getEngine("PyTorch").getGpuCount(), work, checks);
      // An allocator gives nothing back, so each way has a process of its own.
      case "memory-recomputed" -> memory(device, work, true, checks);
      case "memory-kept" -> memory(device, work, false, checks);
      case "speed", "shares" ->
          // Both train one model, which is made once.
          SpeedChecks.run(
              Devices.of(device),
              Path.of(word("work", "acceptance")),
              name.equals("shares"),
              checks);
      default -> throw new IllegalArgumentException("part must be one of " + Page.PARTS);
    }
  }

  private static void machine(String name, Checks checks) {
    Device device = Devices.of(name);
    checks.note("java", Runtime.version() + " on " + System.getProperty("os.arch"));
    checks.note("engine", "PyTorch " + Engine.getEngine("PyTorch").getVersion());
    TorchNatives natives = TorchNatives.named();
    checks.note(
        "torch", natives == null ? "DJL's own" : natives.version() + " in " + natives.folder());
    checks.note("devices", Engine.getEngine("PyTorch").getGpuCount() + " GPU(s)");
    if (device.isGpu()) {
      double gib = FreeMemory.total(device) / (double) (1L << 30);
      checks.note("memory of " + name, Checks.number(gib) + " GiB");
    }
  }

  private static void memory(String device, Path work, boolean recompute, Checks checks)
      throws IOException {
    if (!Devices.of(device).isGpu()) {
      checks.note("peak against the plan", "a plan is of a GPU's memory");
      return;
    }
    Path model = work.resolve("model");
    RandomCheckpoint.write(model, MEMORY_SHAPE, StorageType.BF16);
    RandomCheckpoint.pairs(work.resolve("pairs.jsonl"), model, 56, 512, 768);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("device", device);
    settings.put("loss_type", "dil-lsif");
    settings.put("gradient_checkpointing", recompute);
    String way = recompute ? "recomputed" : "kept";
    MeasurePeak.measure(model, work, settings, json -> compare(way, json, checks));
  }

  private static void compare(String way, String json, Checks checks) {
    try {
      var found = new ObjectMapper().readTree(json);
      double plan = found.path("plan_bytes").asDouble();
      double measured = found.path("measured_bytes").asDouble();
      double gib = 1L << 30;
      checks.holds(
          "SmolLM2-135M's shape, activations "
              + way
              + ": peak, planned "
              + Checks.number(plan / gib),
          Checks.number(measured / gib) + " GiB",
          "within 5 %",
          Math.abs(measured - plan) <= 0.05 * measured);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> memoryShape() {
    Map<String, Object> shape = new LinkedHashMap<>();
    shape.put("model_type", "llama");
    shape.put("hidden_size", 576);
    shape.put("intermediate_size", 1536);
    shape.put("num_hidden_layers", 30);
    shape.put("num_attention_heads", 9);
    shape.put("num_key_value_heads", 3);
    shape.put("vocab_size", 49152);
    shape.put("max_position_embeddings", 8192);
    shape.put("tie_word_embeddings", true);
    return shape;
  }

  /** Returns the class path of a part's process. */
  static List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xss8m",
        "-cp",
        System.getProperty("java.class.path"),
        Acceptance.class.getName());
  }
}
