package io.dil.examples.acceptance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.DecoderProgram;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.Precision;
import io.dil.core.model.Recompute;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchProgram;
import io.dil.data.TokenizedExample;
import io.dil.examples.CallProfile;
import io.dil.losses.Losses;
import io.dil.train.PassSize;
import io.dil.train.Trainer;
import io.dil.train.objective.Objective;
import io.dil.train.optim.AdamW;
import io.dil.train.reference.ReferenceScores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Steps of DPO on a random model: pairs a second, the share of the device's peak, and of what. */
final class SpeedChecks {
  private static final String PRODUCTS =
      """
        def products(self: __torch__.Model, a: Tensor, b: Tensor, n: Tensor) -> Tensor:
          c = torch.matmul(a, b)
          for i in range(int(n)):
            c = torch.matmul(a, b)
          return torch.select(torch.select(c, 0, 0), 0, 0).to(6)
      """;

  /** What computes the head, by the names of the program's methods. */
  private static final Set<String> HEAD =
      Set.of("token_log_probs", "head_backward", "segment_sums", "spread", "finish");

  private static final Set<String> OPTIMIZER =
      Set.of("adamw", "global_norm", "scale", "zero", "copy");

  private final Size size;
  private final Device device;
  private final Checks checks;
  private final Precision precision;

  /**
   * How much is computed.
   *
   * @param hidden width; the feed-forward network is four times as wide
   * @param layers how many
   * @param heads of queries, of 64 units
   * @param kvHeads of keys and values
   * @param vocabulary rows of the embedding
   * @param pairs of a pass
   * @param prompt tokens of each
   * @param response tokens of each of the two
   * @param product the rows of square matrices whose product measures the peak
   * @param seconds that steps are repeated for
   */
  private record Size(
      int hidden,
      int layers,
      int heads,
      int kvHeads,
      int vocabulary,
      int pairs,
      int prompt,
      int response,
      int product,
      double seconds) {
    /** The shape of Llama-3.2-1B with a smaller vocabulary, and passes of 14 336 tokens. */
    static final Size OF_GPU = new Size(2048, 16, 32, 8, 32_000, 7, 512, 768, 8192, 20);

    static final Size OF_CPU = new Size(128, 2, 2, 1, 512, 4, 16, 24, 768, 1);

    long tokens() {
      return (long) pairs * (prompt + 2L * response);
    }

    long scored() {
      return 2L * pairs * response;
    }
  }

  private SpeedChecks(Device device, Checks checks) {
    this.device = device;
    this.checks = checks;
    size = device.isGpu() ? Size.OF_GPU : Size.OF_CPU;
    precision = device.isGpu() ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  /**
   * Measures.
   *
   * @param shares whether launches wait for their kernels ({@code CUDA_LAUNCH_BLOCKING}), so that a
   *     call's time is its kernels'; else whole steps are timed
   */
  static void run(Device device, Path work, boolean shares, Checks checks) throws IOException {
    SpeedChecks speed = new SpeedChecks(device, checks);
    Path model = work.resolve("large");
    if (Files.notExists(model.resolve(ModelFolder.SINGLE_FILE))) {
      RandomCheckpoint.write(model, speed.config(), speed.precision.storage());
    }
    ModelFolder folder = ModelFolder.open(model);
    try (DecoderLm policy = DecoderLm.load(folder, device, speed.precision).trainAll();
        DecoderLm frozen = DecoderLm.load(folder, device, speed.precision);
        AdamW optimizer =
            new AdamW(
                policy.parameters(),
                policy.manager(),
                policy.kernels(),
                new AdamW.Options(0.9, 0.999, 1e-8, 0))) {
      ComputeOptions options = ComputeOptions.on(device).withRecompute(Recompute.NEVER);
      Trainer trainer =
          new Trainer(
              policy,
              ReferenceScores.frozen(frozen, options),
              Objective.of(Losses.create("dpo", Map.of())),
              optimizer,
              new Trainer.Options(PassSize.of(speed.size.pairs()), 1, options, 0));
      Runnable step = () -> trainer.step(speed.examples(), 1e-9);
      if (shares) {
        speed.shares(step, policy);
      } else {
        speed.steps(step, policy);
      }
    }
  }

  private Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "llama");
    config.put("vocab_size", size.vocabulary());
    config.put("hidden_size", size.hidden());
    config.put("intermediate_size", 4 * size.hidden());
    config.put("num_hidden_layers", size.layers());
    config.put("num_attention_heads", size.heads());
    config.put("num_key_value_heads", size.kvHeads());
    config.put("tie_word_embeddings", false);
    config.put("max_position_embeddings", 8192);
    return config;
  }

  private List<TokenizedExample> examples() {
    Random random = new Random(3);
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 0; i < size.pairs(); i++) {
      TokenGroup group =
          new TokenGroup(
              tokens(random, size.prompt()),
              List.of(tokens(random, size.response()), tokens(random, size.response())));
      examples.add(new TokenizedExample("pair " + i, group, true));
    }
    return examples;
  }

  private Tokens tokens(Random random, int count) {
    return Tokens.of(random.ints(count, 0, size.vocabulary()).toArray());
  }

  private void steps(Runnable step, DecoderLm policy) throws IOException {
    double peak = peak();
    step.run();
    step.run();
    await(policy);
    int steps = 0;
    long began = System.nanoTime();
    double queued;
    double seconds;
    try (CallProfile profile = CallProfile.start()) {
      while (steps < 3 || System.nanoTime() - began < size.seconds() * 1e9) {
        step.run();
        steps++;
      }
      await(policy);
      seconds = (System.nanoTime() - began) / 1e9 / steps;
      queued = sum(profile.stop());
    }
    ModelSpec spec = policy.spec();
    double flops = flops(spec);
    checks.note(
        "model",
        String.format(
            Locale.ROOT,
            "%.2f billion weights, %s, passes of %,d tokens",
            spec.weightsInAll() / 1e9,
            precision == Precision.BFLOAT16 ? "bf16" : "fp32",
            size.tokens()));
    checks.note("product of matrices, TFLOP/s", Checks.number(peak / 1e12));
    checks.note("seconds a step of " + size.pairs() + " pairs", Checks.number(seconds));
    checks.note("pairs a second", Checks.number(size.pairs() / seconds));
    checks.note("tokens a second", Checks.number(size.tokens() / seconds));
    double utilisation = flops / seconds / peak;
    String name = "model FLOPs utilisation, of that product's";
    if (!device.isGpu()) {
      // The model is too small for a processor's peak.
      checks.note(name, Checks.number(utilisation));
    } else {
      checks.holdsByValue(
          name, Checks.number(utilisation), "0.3 to 1", utilisation >= 0.3 && utilisation <= 1);
      checks.note(
          "share of a step in which calls are queued", Checks.number(queued / steps / seconds));
    }
  }

  /** Returns the operations of a second that large products reach. */
  private double peak() {
    int n = size.product();
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        TorchProgram program = TorchProgram.compile(manager, PRODUCTS, Map.of("training", false));
        Kernels kernels = new Kernels(manager);
        GradMode off = GradMode.off()) {
      NDArray a = kernels.zeros(manager, List.of((long) n, (long) n), precision.storage());
      NDArray b = kernels.zeros(manager, List.of((long) n, (long) n), precision.storage());
      long times = 20;
      double best = 0;
      for (int round = 0; round < 4; round++) {
        long began = System.nanoTime();
        try (NDArray one = program.call("products").with(a).with(b).with(times).single(manager)) {
          kernels.doubles(one);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        best = Math.max(best, 2.0 * n * n * n * (times + 1) / seconds);
      }
      return best;
    }
  }

  /** Reads a number that comes after all that is queued. */
  private static void await(DecoderLm model) {
    NDArray last = model.parameters().get(model.parameters().size() - 1).value();
    model.kernels().floats(last);
  }

  /** Returns the operations of a step that the model asks for, however it is computed. */
  private double flops(ModelSpec spec) {
    double table = spec.weightsOfTable();
    double layers = spec.weightsInAll() - 2 * table;
    // Policy and reference go forward, the policy back: 2 + 2 + 4 a weight and token.
    double linear = 8 * (layers * size.tokens() + table * size.scored());
    double p = size.prompt();
    double r = size.response();
    double places = size.pairs() * (p * p / 2 + 2 * (r * p + r * r / 2));
    // Scores and sums: 4 a place and unit; two forward, and a backward pass of two.
    return linear + 4 * 4 * places * size.hidden() * size.layers();
  }

  private void shares(Runnable step, DecoderLm policy) throws IOException {
    step.run();
    step.run();
    await(policy);
    int steps = 3;
    Map<String, Map<String, Number>> calls;
    double seconds;
    long began = System.nanoTime();
    try (CallProfile profile = CallProfile.start()) {
      for (int i = 0; i < steps; i++) {
        step.run();
      }
      await(policy);
      seconds = (System.nanoTime() - began) / 1e9 / steps;
      calls = profile.stop();
    }
    double head = sum(calls, HEAD) / steps;
    double optimizer = sum(calls, OPTIMIZER) / steps;
    double all = sum(calls) / steps;
    double attention = attention(policy.spec());
    checks.note("seconds a step, each launch waited for", Checks.number(seconds));
    checks.note("share of attention", Checks.number(attention / seconds));
    checks.note(
        "share of the layers without attention",
        Checks.number((all - head - optimizer - attention) / seconds));
    checks.note("share of the head", Checks.number(head / seconds));
    checks.note("share of the optimiser", Checks.number(optimizer / seconds));
    checks.note("share of the host outside of calls", Checks.number(1 - all / seconds));
  }

  private static double sum(Map<String, Map<String, Number>> calls) {
    return calls.values().stream().mapToDouble(SpeedChecks::seconds).sum();
  }

  private static double sum(Map<String, Map<String, Number>> calls, Set<String> methods) {
    return calls.entrySet().stream()
        .filter(call -> methods.contains(call.getKey().replaceFirst(".* ", "")))
        .mapToDouble(call -> seconds(call.getValue()))
        .sum();
  }

  private static double seconds(Map<String, Number> call) {
    return call.getOrDefault("seconds", 0).doubleValue();
  }

  /** Returns the seconds of attention in a step: forward twice, back once, in every layer. */
  private double attention(ModelSpec spec) {
    int n = Math.toIntExact(size.tokens());
    long width = spec.headDim();
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        TorchProgram program = DecoderProgram.compile(manager, spec, false);
        Kernels kernels = new Kernels(manager);
        NDManager cpu = manager.newSubManager(Device.cpu())) {
      long heads = size.heads();
      NDArray q = numbers(manager, kernels, List.of((long) n, heads, width));
      NDArray k = numbers(manager, kernels, List.of((long) n, (long) spec.kvHeads(), width));
      NDArray v = numbers(manager, kernels, List.of((long) n, (long) spec.kvHeads(), width));
      NDArray dy = numbers(manager, kernels, List.of((long) n, heads, width));
      List<long[]> rows = new ArrayList<>();
      int[] queries = new int[3 * size.pairs() + 1];
      int[] keys = new int[queries.length];
      long start = 0;
      for (int run = 0; run < 3 * size.pairs(); run++) {
        boolean prompt = run % 3 == 0;
        int length = prompt ? size.prompt() : size.response();
        long before = prompt ? 0 : size.prompt();
        rows.add(new long[] {start, length, 0, before});
        start += length;
        queries[run + 1] = queries[run] + length;
        keys[run + 1] = Math.toIntExact(keys[run] + length + before);
      }
      NDArray layout =
          cpu.create(
              rows.stream().flatMapToLong(Arrays::stream).toArray(), new Shape(rows.size(), 4));
      Map<String, NDArray> extras = new LinkedHashMap<>();
      if (device.isGpu() && precision == Precision.BFLOAT16) {
        extras.put("runs.queries", kernels.upload(manager, queries));
        extras.put("runs.keys", kernels.upload(manager, keys));
      } else {
        extras.put("none", cpu.create(0L));
      }
      double best = Double.POSITIVE_INFINITY;
      for (int round = 0; round < 5; round++) {
        try (NDManager scope = manager.newSubManager()) {
          NDArray query = kernels.leaf(scope, q);
          long began = System.nanoTime();
          NDArray out = called(program, scope, query, k, v, layout, extras, GradMode.on());
          NDArray dq = program.call("pass_back").with(query).with(out).with(dy).single(scope);
          called(program, scope, q, k, v, layout, extras, GradMode.off());
          kernels.floats(kernels.rows(scope, dq, 0, 1));
          best = Math.min(best, (System.nanoTime() - began) / 1e9);
        }
      }
      return best * size.layers();
    }
  }

  private static NDArray called(
      TorchProgram program,
      NDManager scope,
      NDArray q,
      NDArray k,
      NDArray v,
      NDArray layout,
      Map<String, NDArray> extras,
      GradMode mode) {
    try (mode) {
      return program
          .call("attention")
          .with(q)
          .with(k)
          .with(v)
          .with(layout)
          .with(extras)
          .single(scope);
    }
  }

  private NDArray numbers(NDManager manager, Kernels kernels, List<Long> shape) {
    try (NDArray random = manager.randomNormal(new Shape(shape))) {
      return kernels.cast(
          manager, random, precision == Precision.FLOAT32 ? StorageType.F32 : StorageType.BF16);
    }
  }
}
