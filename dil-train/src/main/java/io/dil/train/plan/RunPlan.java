package io.dil.train.plan;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.model.ModelSpec;
import io.dil.core.torch.FreeMemory;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A run's plan: the memory of a device, the work of a step, and whether it fits.
 *
 * @param config the settings
 * @param run what it is made for
 * @param memory of one device
 */
public record RunPlan(TrainingConfig config, MemoryPlan.Case run, MemoryPlan memory) {
  private static final double GIB = 1L << 30;

  /** From here on products of matrices run at a core's full speed (docs/benchmarks). */
  private static final long TOKENS_PER_CORE = 512;

  /**
   * A GPU wants more at once than a processor: with this many rows the products of a 7B model keep
   * every multiprocessor busy many times over. Twice as many would take twice the activations and
   * save nothing but half of the sums between cards, which are about a hundredth of the time.
   */
  private static final long TOKENS_OF_GPU = 16_384;

  /** Half of an A100's 312 TFLOP/s in bfloat16: what products of this size reach in practice. */
  public static final double TERAFLOPS = 156;

  /** Returns the most tokens of a pass: what is set, or what keeps a device busy. */
  public static long passTokens(TrainingConfig config, boolean gpu) {
    int set = config.get(Settings.PASS_TOKENS);
    if (set > 0) {
      return set;
    }
    return gpu ? TOKENS_OF_GPU : TOKENS_PER_CORE * Runtime.getRuntime().availableProcessors();
  }

  /**
   * Plans a run for devices that may not be there.
   *
   * @param ranks how many
   * @param gpu whether they are GPUs
   * @param capacity bytes of each; 0 where that is not known
   */
  public static RunPlan of(
      TrainingConfig config,
      ModelSpec spec,
      int ranks,
      boolean gpu,
      long capacity,
      boolean needsReference) {
    MemoryPlan.Case run =
        new MemoryPlan.Case(
            spec,
            MemoryPlan.adapterWeights(config, spec),
            ranks,
            gpu,
            capacity,
            passTokens(config, gpu),
            needsReference);
    return new RunPlan(config, run, MemoryPlan.of(config, run));
  }

  /** Plans a run for devices that are there. */
  public static RunPlan of(
      TrainingConfig config, ModelSpec spec, List<Device> devices, boolean needsReference) {
    boolean gpu = devices.get(0).isGpu();
    long capacity = gpu ? FreeMemory.total(devices.get(0)) : 0;
    return of(config, spec, devices.size(), gpu, capacity, needsReference);
  }

  /**
   * Refuses a plan that does not fit.
   *
   * @throws InputException that says what is missing and what to change
   */
  public RunPlan require() {
    if (!memory.fits()) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "run needs %.1f GiB on each of %d device(s), got %.1f GiB; './dil plan' shows for what;"
                  + " change one of: %s",
              memory.total() / GIB,
              run.ranks(),
              memory.capacity() * MemoryPlan.SHARE / GIB,
              String.join(", ", memory.advice(config, run))));
    }
    return this;
  }

  /**
   * Returns what to change in a run that has begun, where memory ran out all the same: settings
   * with which it can still go on, smaller passes first.
   */
  public List<String> adviceInRun() {
    List<String> advice = new ArrayList<>(List.of(halved(memory.passTokens())));
    for (String one : memory.advice(config, run)) {
      boolean may =
          Settings.all().stream()
              .anyMatch(setting -> one.startsWith(setting.name() + "=") && !setting.shapes());
      if (may && !advice.contains(one)) {
        advice.add(one);
      }
    }
    return advice;
  }

  /** As {@link #adviceInRun()} for a run without a plan. */
  public static List<String> adviceInRun(long passTokens) {
    return List.of(halved(passTokens), DeviceSettings.CHECKPOINTING.name() + "=true");
  }

  private static String halved(long passTokens) {
    return Settings.PASS_TOKENS.name() + "=" + Math.max(1, passTokens / 2);
  }

  /** Returns the examples of a step. */
  public int examples() {
    return config.get(Settings.BATCH_SIZE) * config.get(Settings.ACCUMULATION);
  }

  /** Returns the tokens of a step whose examples are as long as they may be. */
  public long tokensPerStep() {
    return 2L * config.get(Settings.MAX_LENGTH) * examples();
  }

  /**
   * Returns the floating-point operations of such a step: two a weight and token in each forward
   * pass (policy, reference, recomputation), two for the gradient of what goes in, two for that of
   * the weights where they are trained, and those of attention.
   */
  public double flopsPerStep() {
    ModelSpec spec = run.spec();
    boolean reference = run.needsReference() && !config.get(Settings.PRECOMPUTE_REFERENCE);
    double forwards = 1 + (memory.recompute() ? 1 : 0) + (reference ? 1 : 0);
    double linear = 2 * forwards + (run.adapterWeights() == 0 ? 4 : 2);
    // A row of the embedding is read, not multiplied; the projection is, also where it is tied.
    double weights = spec.weightsInAll() - (spec.tied() ? 0 : spec.weightsOfTable());
    // Scores and their sum: 4 operations a pair of positions and unit of width, half of them
    // masked; twice as many back.
    double attention =
        (forwards + 2) * 2 * spec.hiddenSize() * spec.layers() * config.get(Settings.MAX_LENGTH);
    return tokensPerStep() * (linear * weights + attention);
  }

  /** Returns the lines that a person reads. */
  public List<String> lines(double teraflops) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "plan    %d device(s), %s, passes of %,d tokens, activations %s",
            run.ranks(),
            config.get(DeviceSettings.BF16) ? "bf16" : "fp32",
            memory.passTokens(),
            memory.recompute() ? "recomputed" : "kept"));
    lines.add(
        memory.bytes().entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .map(
                entry ->
                    String.format(
                        Locale.ROOT,
                        "%s %.1f",
                        entry.getKey().name().toLowerCase(Locale.ROOT),
                        entry.getValue() / GIB))
            .collect(Collectors.joining(", ", "memory  ", " GiB a device")));
    lines.add(
        memory.capacity() == 0
            ? String.format(Locale.ROOT, "total   %.1f GiB a device", memory.total() / GIB)
            : String.format(
                Locale.ROOT,
                "total   %.1f of %.1f GiB a device: %s",
                memory.total() / GIB,
                memory.capacity() / GIB,
                memory.fits()
                    ? "fits"
                    : "does not fit; change one of: "
                        + String.join(", ", memory.advice(config, run))));
    lines.add(
        String.format(
            Locale.ROOT,
            "work    %,.0f TFLOP a step of %d examples at full length, %s at %.0f TFLOP/s a device",
            flopsPerStep() / 1e12,
            examples(),
            duration(flopsPerStep() / (teraflops * 1e12 * run.ranks())),
            teraflops));
    return lines;
  }

  private static String duration(double seconds) {
    return seconds < 120
        ? String.format(Locale.ROOT, "%.1f s", seconds)
        : String.format(Locale.ROOT, "%.0f min", seconds / 60);
  }
}
