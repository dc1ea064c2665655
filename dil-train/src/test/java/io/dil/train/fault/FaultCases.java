package io.dil.train.fault;

import io.dil.core.InputException;
import io.dil.train.TrainingListener;
import io.dil.train.TrainingRun;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * One small run, disturbed once at every place where something can go wrong, and then given again.
 * After the fault the folder holds a whole checkpoint or model, if it held one before or the run
 * could write one; after the second run it holds the bytes of an undisturbed run.
 *
 * <p>A process of its own, with {@link FaultyProvider} as its file system: {@code FaultCases FOLDER
 * KIND FROM STRIDE MOST}. It prints a line for every case that fails, and the number of cases.
 */
public final class FaultCases {
  private static final List<String> COMPARED =
      List.of("model.safetensors", "config.json", "tokenizer.json", "metrics.jsonl");

  private final Path root;
  private final Map<String, byte[]> expected = new TreeMap<>();
  private long steps;

  private FaultCases(Path root) {
    this.root = root;
  }

  /** Runs cases and exits with 0 if all went well. */
  public static void main(String[] args) throws IOException {
    FaultCases cases = new FaultCases(Path.of(args[0]));
    Quickstart.unpack(cases.root.resolve("input"));
    Path pairs = cases.root.resolve("input/pairs.jsonl");
    Files.write(pairs, Files.readAllLines(pairs).subList(0, 60));
    String kind = args[1];
    long from = Long.parseLong(args[2]);
    long stride = Long.parseLong(args[3]);
    long most = Long.parseLong(args[4]);
    cases.undisturbed();
    int failed = 0;
    int count = 0;
    for (long n = from; count < most; n += stride) {
      boolean reached;
      try {
        reached =
            kind.equals("FLIP")
                ? cases.flipped(n)
                : kind.equals("AWAY")
                    ? cases.away(n)
                    : kind.equals("NETWORK")
                        ? cases.network(n)
                        : cases.disturbed(Faults.Kind.valueOf(kind), n);
      } catch (RuntimeException | Error | IOException e) {
        Faults.disarm();
        failed++;
        System.out.println("case " + kind + " " + n + ": " + e);
        reached = true;
      }
      if (!reached) {
        break;
      }
      count++;
    }
    System.out.println("cases " + kind + ": " + count + ", failed: " + failed);
    System.out.flush();
    Runtime.getRuntime().halt(failed == 0 && count > 0 ? 0 : 1);
  }

  private Map<String, Object> settings(String output) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model_name_or_path", root.resolve("input/model").toString());
    settings.put("dataset_name", "pairs:" + root.resolve("input/pairs.jsonl"));
    settings.put("output_dir", root.resolve(output).toString());
    settings.put("learning_rate", 1e-3);
    settings.put("per_device_train_batch_size", 4);
    settings.put("max_steps", 6);
    settings.put("max_length", 64);
    settings.put("eval_holdout", 0.2);
    settings.put("eval_steps", 3);
    settings.put("save_steps", 2);
    settings.put("save_total_limit", 2);
    settings.put("precompute_ref_log_probs", true);
    settings.put("report_generations", 1);
    settings.put("report_max_new_tokens", 2);
    return settings;
  }

  private void run(Map<String, Object> settings) {
    run(settings, step -> {});
  }

  private void run(Map<String, Object> settings, LongConsumer stepped) {
    steps = 0;
    new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void stepped(long step, int examples, Map<String, Double> metrics) {
                steps++;
                stepped.accept(step);
              }
            })
        .run();
  }

  private void undisturbed() throws IOException {
    run(settings("whole"));
    for (String file : COMPARED) {
      expected.put(file, Files.readAllBytes(root.resolve("whole").resolve(file)));
    }
  }

  /** Returns whether the run came as far as operation {@code number}. */
  private boolean disturbed(Faults.Kind kind, long number) throws IOException {
    Path output = fresh();
    Map<String, Object> settings = settings("run");
    Faults.arm(output, kind, number);
    boolean failed = false;
    try {
      run(settings);
    } catch (RuntimeException | Faults.Killed e) {
      failed = true;
    }
    long reached = kind == Faults.Kind.READ ? Faults.reads() : Faults.writes();
    Faults.disarm();
    if (!failed && reached < number) {
      return false;
    }
    // An error that leaves the disk as it is lets a run keep every step; an end of the process or
    // of
    // the disk keeps what was there.
    boolean keeps = kind == Faults.Kind.WRITE || kind == Faults.Kind.READ;
    requireKept(output, keeps ? 1 : 3);
    again(settings, output);
    return true;
  }

  /** Flips a bit somewhere in what a killed run left, and goes on from it. */
  private boolean flipped(long number) throws IOException {
    Path output = fresh();
    Map<String, Object> settings = settings("run");
    try {
      run(
          settings,
          step -> {
            if (step == 5) {
              throw new IllegalStateException("stop here");
            }
          });
    } catch (IllegalStateException e) {
      // As it was meant to.
      steps = 5;
    }
    // checkpoint-4 stays whole; the bit is in checkpoint-5 or in the reference's scores.
    List<Path> files = new ArrayList<>();
    for (String folder : new String[] {"checkpoint-5", "reference"}) {
      try (Stream<Path> all = Files.list(output.resolve(folder))) {
        all.filter(Files::isRegularFile)
            .filter(file -> !file.getFileName().toString().startsWith("."))
            .sorted()
            .forEach(files::add);
      }
    }
    Path file = files.get((int) (number % files.size()));
    byte[] bytes = Files.readAllBytes(file);
    long bit = Math.floorMod(number * 0x9E3779B97F4A7C15L, 8L * bytes.length);
    bytes[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
    Files.write(file, bytes);
    requireKept(output, 1);
    again(settings, output);
    return true;
  }

  /** Lets the hub go away after step {@code number} + 1: the run needs it no more. */
  private boolean away(long number) throws IOException {
    if (number > 4) {
      return false;
    }
    Path output = fresh();
    FaultyHub hub = FaultyHub.start(root.resolve("input"));
    delete(Path.of(System.getenv("HF_HUB_CACHE")));
    try {
      run(
          hubSettings(),
          step -> {
            if (step == number + 1) {
              hub.close();
            }
          });
    } finally {
      hub.close();
    }
    again(hubSettings(), output);
    return true;
  }

  private Map<String, Object> hubSettings() {
    Map<String, Object> settings = settings("run");
    settings.put("model_name_or_path", "hf://o/model");
    settings.put("dataset_name", "pairs:hf://datasets/o/data/pairs.jsonl");
    return settings;
  }

  /** Lets the {@code number}-th answer of the hub be a bad one. */
  private boolean network(long number) throws IOException {
    Path output = fresh();
    try (FaultyHub hub = FaultyHub.start(root.resolve("input"))) {
      Path cache = Path.of(System.getenv("HF_HUB_CACHE"));
      delete(cache);
      Map<String, Object> settings = hubSettings();
      hub.fail(
          number / FaultyHub.Way.values().length, (int) (number % FaultyHub.Way.values().length));
      try {
        run(settings);
      } catch (InputException e) {
        if (Files.exists(output)) {
          throw new IllegalStateException("a refused run must leave no folder", e);
        }
      }
      if (hub.answers() <= number / FaultyHub.Way.values().length) {
        return false;
      }
      again(settings, output);
      return true;
    }
  }

  private void again(Map<String, Object> settings, Path output) throws IOException {
    if (!Files.exists(output.resolve("manifest.json"))) {
      run(settings);
    }
    for (Map.Entry<String, byte[]> file : expected.entrySet()) {
      byte[] bytes = Files.readAllBytes(output.resolve(file.getKey()));
      if (!Arrays.equals(bytes, file.getValue())) {
        throw new IllegalStateException(file.getKey() + " is not that of an undisturbed run");
      }
    }
  }

  /** Checks that a run which had taken some steps left something to go on from. */
  private void requireKept(Path output, long after) throws IOException {
    if (steps < after) {
      return;
    }
    if (Files.exists(output.resolve("manifest.json"))) {
      return;
    }
    try (Stream<Path> entries = Files.list(output)) {
      List<Path> checkpoints =
          entries
              .filter(entry -> entry.getFileName().toString().matches("checkpoint-\\d+"))
              .toList();
      for (Path checkpoint : checkpoints) {
        if (Files.exists(checkpoint.resolve("SHA256SUMS"))
            && Files.exists(checkpoint.resolve("trainer_state.json"))) {
          return;
        }
      }
    }
    throw new IllegalStateException("no checkpoint and no model after " + steps + " steps");
  }

  private Path fresh() throws IOException {
    Path output = root.resolve("run");
    delete(output);
    return output;
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(tree)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
