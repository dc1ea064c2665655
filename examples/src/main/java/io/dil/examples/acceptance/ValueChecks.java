package io.dil.examples.acceptance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.AttentionRuns;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Parameter;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.Recompute;
import io.dil.core.torch.Kernels;
import io.dil.train.optim.AdamW;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small random model on the device against fp64 in Java, against the processor and against torch.
 */
final class ValueChecks {
  /** Nats a token that fp32 may be off, as kernels sum in other orders. */
  private static final double SINGLE = 1e-4;

  /** The same for bfloat16, which rounds each activation to 8 bits. */
  private static final double HALF = 0.05;

  private static final DoubleLlama.Shape SHAPE =
      new DoubleLlama.Shape(128, 256, 3, 4, 2, 256, 10_000, 1e-6);

  private final Device device;
  private final Checks checks;
  private final ModelFolder folder;
  private final List<TokenGroup> groups = new ArrayList<>();
  // Of each response.
  private final List<Integer> lengths = new ArrayList<>();

  private ValueChecks(Device device, Checks checks, ModelFolder folder) {
    this.device = device;
    this.checks = checks;
    this.folder = folder;
    Random random = new Random(7);
    for (int i = 0; i < 8; i++) {
      List<Tokens> responses = List.of(tokens(random, 3 + 9 * i), tokens(random, 40 - 4 * i));
      groups.add(new TokenGroup(tokens(random, 2 + 11 * i), responses));
      responses.forEach(response -> lengths.add(response.size()));
    }
  }

  private static Tokens tokens(Random random, int count) {
    return Tokens.of(random.ints(count, 0, SHAPE.vocabulary()).toArray());
  }

  /** Runs all of them; {@code python} is empty where there is none with torch. */
  static void run(Device device, Path work, String python, Path script, Checks checks)
      throws IOException {
    Path model = work.resolve("small");
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "llama");
    config.put("vocab_size", SHAPE.vocabulary());
    config.put("hidden_size", SHAPE.hidden());
    config.put("intermediate_size", SHAPE.inner());
    config.put("num_hidden_layers", SHAPE.layers());
    config.put("num_attention_heads", SHAPE.heads());
    config.put("num_key_value_heads", SHAPE.kvHeads());
    config.put("rms_norm_eps", SHAPE.epsilon());
    config.put("rope_theta", SHAPE.theta());
    config.put("tie_word_embeddings", false);
    RandomCheckpoint.write(model, config, StorageType.F32);
    ValueChecks values = new ValueChecks(device, checks, ModelFolder.open(model));
    values.product();
    values.scoresAndGradients();
    values.attention();
    values.torch(python, script, work);
  }

  /** A device that computes nothing is told first. */
  private void product() {
    int n = 256;
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        Kernels kernels = new Kernels(manager);
        NDArray ones = manager.ones(new Shape(n, n));
        NDArray product = ones.matMul(ones)) {
      double off = 0;
      for (float one : kernels.floats(product)) {
        off = Math.max(off, Math.abs(one - n));
      }
      checks.value("a product of ones: distance from " + n, off, 0);
    }
  }

  /** What one way to compute gives: log-probabilities, and gradients by name. */
  private record Result(double[] scores, Map<String, float[]> gradients) {}

  private DecoderLm load(Device where, Precision precision) {
    return DecoderLm.load(folder, where, precision).trainAll();
  }

  private Result result(DecoderLm model, ComputeOptions options) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    double[] scores;
    try (Pass pass = model.forward(groups, options)) {
      scores = pass.scores();
      double[] weights = new double[scores.length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = i % 2 == 0 ? 1 : -1;
      }
      pass.backward(weights);
    }
    List<NDArray> sums = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      gradients.put(parameter.name(), model.kernels().floats(parameter.gradient()));
      sums.add(parameter.gradient());
    }
    model.kernels().zero(sums);
    return new Result(scores, gradients);
  }

  private void scoresAndGradients() {
    ComputeOptions options = ComputeOptions.on(device).withRecompute(Recompute.NEVER);
    try (DecoderLm cpu = load(Device.cpu(), Precision.FLOAT32);
        DecoderLm own = load(device, Precision.FLOAT32);
        DecoderLm half = load(device, Precision.BFLOAT16)) {
      Result expected = result(cpu, ComputeOptions.DEFAULT);
      Result found = result(own, options);
      double[] exact = exact(cpu).scores(groups);
      checks.value("fp32 scores against fp64, nats a token", off(found.scores(), exact), SINGLE);
      checks.value(
          "fp32 scores against the processor's", off(found.scores(), expected.scores()), SINGLE);
      checks.value(
          "fp32 gradients against the processor's, relative",
          distance(found.gradients(), expected.gradients()),
          SINGLE);
      Result again = result(own, options.withRecompute(Recompute.ALWAYS));
      checks.value(
          "gradients with recomputation against those without",
          distance(again.gradients(), found.gradients()),
          1e-5);
      Result apart = result(own, options.withSharing(PromptSharing.NEVER));
      checks.value(
          "gradients with prompts apart against shared ones",
          distance(apart.gradients(), found.gradients()),
          SINGLE);
      checks.value("weights after a step, relative", step(cpu, own), 1e-5);
      Result low = result(half, options);
      checks.value("bf16 scores against fp64, nats a token", off(low.scores(), exact), HALF);
      checks.value(
          "bf16 gradients against fp32, relative",
          distance(low.gradients(), expected.gradients()),
          0.1);
    }
  }

  /** Returns how far one step of AdamW takes the two models apart, both with fresh gradients. */
  private double step(DecoderLm cpu, DecoderLm own) {
    Map<DecoderLm, Map<String, float[]>> after = new HashMap<>();
    for (DecoderLm model : List.of(cpu, own)) {
      ComputeOptions options = ComputeOptions.on(model == cpu ? Device.cpu() : device);
      try (Pass pass = model.forward(groups, options);
          AdamW optimizer =
              new AdamW(
                  model.parameters(),
                  model.manager(),
                  model.kernels(),
                  // An epsilon beside which the gradients' rounding is lost.
                  new AdamW.Options(0.9, 0.999, 1e-3, 0.01))) {
        double[] weights = new double[pass.scores().length];
        Arrays.fill(weights, -1);
        pass.backward(weights);
        optimizer.clip(optimizer.gradientNorm(), 1);
        optimizer.step(1e-3);
        model.refresh();
      }
      Map<String, float[]> weights = new LinkedHashMap<>();
      model
          .parameters()
          .forEach(one -> weights.put(one.name(), model.kernels().floats(one.value())));
      after.put(model, weights);
    }
    return distance(after.getOrDefault(own, Map.of()), after.getOrDefault(cpu, Map.of()));
  }

  /** The kernel that takes all runs at once against one call a run, in bfloat16. */
  private void attention() {
    try (DecoderLm half = load(device, Precision.BFLOAT16);
        DecoderLm cpu = DecoderLm.load(folder, Device.cpu(), Precision.FLOAT32)) {
      double[] exact = exact(cpu).scores(groups);
      for (PromptSharing sharing : List.of(PromptSharing.ALWAYS, PromptSharing.NEVER)) {
        ComputeOptions options = ComputeOptions.on(device).withSharing(sharing);
        Result packed = result(half, options.withAttention(AttentionRuns.PACKED));
        Result plain = result(half, options.withAttention(AttentionRuns.BY_RUN));
        String how = sharing == PromptSharing.ALWAYS ? ", prompts shared" : ", prompts apart";
        checks.value(
            "flash attention against the plain one, nats a token" + how,
            off(packed.scores(), plain.scores()),
            HALF);
        checks.value(
            "its gradients, relative" + how, distance(packed.gradients(), plain.gradients()), 0.05);
        checks.value(
            "its distance from fp64, of the plain one's" + how,
            off(packed.scores(), exact) / off(plain.scores(), exact),
            2);
      }
    }
  }

  private void torch(String python, Path script, Path work) throws IOException {
    if (python.isEmpty()) {
      checks.note("against torch", "no Python with torch was found");
      return;
    }
    Path asked = work.resolve("groups.json");
    List<Object> all = new ArrayList<>();
    for (TokenGroup group : groups) {
      for (Tokens response : group.responses()) {
        all.add(List.of(group.prompt().toArray(), response.toArray()));
      }
    }
    Files.write(asked, new ObjectMapper().writeValueAsBytes(all));
    Path answer = work.resolve("torch.json");
    Process process =
        new ProcessBuilder(
                python,
                script.toString(),
                folder.path().toString(),
                asked.toString(),
                device.isGpu() ? "cuda" : "cpu",
                answer.toString())
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("torch.log").toFile())
            .start();
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException("stopped while torch computed", e);
    }
    if (status != 0) {
      String said = Files.readString(work.resolve("torch.log"), StandardCharsets.UTF_8);
      String last = said.lines().reduce("nothing", (a, b) -> b);
      checks.holds("against torch", last, "its program runs", false);
      return;
    }
    JsonNode found = new ObjectMapper().readTree(answer.toFile());
    double[] theirs = new double[lengths.size()];
    for (int i = 0; i < theirs.length; i++) {
      theirs[i] = found.path("scores").path(i).asDouble(Double.NaN);
    }
    try (DecoderLm own = load(device, Precision.FLOAT32)) {
      Result ours = result(own, ComputeOptions.on(device));
      checks.note("torch", found.path("torch").asText() + " on " + found.path("device").asText());
      checks.value("fp32 scores against torch's, nats a token", off(ours.scores(), theirs), SINGLE);
      double squares = 0;
      for (float[] gradient : ours.gradients().values()) {
        for (float one : gradient) {
          squares += (double) one * one;
        }
      }
      double norm = found.path("gradient_norm").asDouble(Double.NaN);
      checks.value(
          "norm of the gradient against torch's, relative",
          Math.abs(Math.sqrt(squares) - norm) / norm,
          SINGLE);
    }
  }

  private DoubleLlama exact(DecoderLm model) {
    Map<String, double[]> weights = new HashMap<>();
    model
        .weights()
        .forEach(
            (name, array) -> {
              float[] values = model.kernels().floats(array);
              double[] doubles = new double[values.length];
              for (int i = 0; i < values.length; i++) {
                doubles[i] = values[i];
              }
              weights.put(name, doubles);
            });
    return new DoubleLlama(weights, SHAPE);
  }

  /** Returns the largest difference of two responses' log-probabilities a token. */
  private double off(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      // NaN stays NaN.
      most = Math.max(most, Math.abs(a[i] - b[i]) / lengths.get(i));
    }
    return most;
  }

  /** Returns the largest relative distance of two arrays of one name. */
  private static double distance(Map<String, float[]> a, Map<String, float[]> b) {
    double most = 0;
    for (Map.Entry<String, float[]> entry : b.entrySet()) {
      float[] first = a.getOrDefault(entry.getKey(), new float[0]);
      float[] second = entry.getValue();
      double difference = first.length == second.length ? 0 : Double.NaN;
      double norm = 0;
      for (int i = 0; i < second.length && first.length == second.length; i++) {
        difference += Math.pow(first[i] - second[i], 2);
        norm += Math.pow(second[i], 2);
      }
      most = Math.max(most, Math.sqrt(difference / norm));
    }
    return most;
  }
}
