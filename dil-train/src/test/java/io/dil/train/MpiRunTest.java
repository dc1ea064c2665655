package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dil.core.checkpoint.ModelFolder;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of several processes under Open MPI's {@code mpirun}, on this machine alone. */
class MpiRunTest {
  /** Relative distance of a weight after a run, in fp32. */
  private static final double CLOSE = 1e-6;

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "OMP_NUM_THREADS",
          "1",
          "OMPI_ALLOW_RUN_AS_ROOT",
          "1",
          "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
          "1");

  @TempDir Path folder;

  @BeforeAll
  static void thereIsMpirun() {
    boolean there =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "mpirun")));
    assumeTrue(there, "skipped: there is no mpirun on this machine");
  }

  private static List<String> mpirun(int ranks) {
    return List.of("mpirun", "--oversubscribe", "-n", String.valueOf(ranks));
  }

  private Map<String, Object> settings(String output, String loss) throws IOException {
    return QuickRun.shared(folder, output, loss);
  }

  private String run(List<String> launcher, Map<String, Object> settings, int status)
      throws IOException, InterruptedException {
    return run(launcher, settings, Map.of(), status);
  }

  private String run(
      List<String> launcher,
      Map<String, Object> settings,
      Map<String, String> variables,
      int status)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.putAll(variables);
    Process process = DilProcess.ranks(launcher, settings, environment, log);
    assertEquals(status, DilProcess.status(process), () -> read(log));
    return read(log);
  }

  private static String read(Path log) {
    try {
      return DilProcess.text(log);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dil-lsif, 2, 2, false",
    "dil-lsif, 4, 3, false",
    "dpo, 4, 2, false",
    "kto, 2, 2, false",
    "kto, 4, 2, true",
    "dpo, 2, 3, true",
    "dil-bce, 3, 2, true",
  })
  void fiftyStepsOfSeveralProcessesAreThoseOfOne(String loss, int ranks, int stage, boolean adapter)
      throws Exception {
    Map<String, Object> one = settings("one", loss);
    one.put("max_steps", 50);
    one.put("use_peft", adapter);
    QuickRun.run(one);
    Map<String, Object> several = settings("several", loss);
    several.put("max_steps", 50);
    several.put("use_peft", adapter);
    several.put("zero_stage", stage);
    String said = run(mpirun(ranks), several, 0);
    assertEquals(1, said.split("model   ", -1).length - 1, said);
    RanksTest.sameMetrics(folder.resolve("one"), folder.resolve("several"));
    RanksTest.close(
        folder.resolve("one"),
        folder.resolve("several"),
        adapter ? "adapter_model.safetensors" : ModelFolder.SINGLE_FILE,
        adapter ? 3e-6 : CLOSE);
  }

  @Test
  void heldOutExamplesReferenceScoresAndTextsAreThoseOfOne() throws Exception {
    for (String output : List.of("one", "several")) {
      Map<String, Object> settings = settings(output, "kto");
      settings.put("eval_holdout", 0.05);
      settings.put("max_eval_samples", 21);
      settings.put("eval_steps", 5);
      settings.put("precompute_ref_log_probs", true);
      settings.put("report_generations", 2);
      if (output.equals("one")) {
        QuickRun.run(settings);
      } else {
        run(mpirun(2), settings, 0);
      }
    }
    RanksTest.sameMetrics(folder.resolve("one"), folder.resolve("several"));
    assertTrue(Files.readString(folder.resolve("several/report.html")).length() > 1000);
  }

  /** Ranks are killed one after the other, and the run goes on with another number of them. */
  @Test
  void aRunWhoseRanksAreKilledGoesOnWithAnyNumber() throws Exception {
    Map<String, Object> whole = settings("whole", "dil-lsif");
    whole.put("max_steps", 40);
    QuickRun.run(whole);
    Map<String, Object> killed = settings("killed", "dil-lsif");
    killed.put("max_steps", 40);
    killed.put("save_steps", 4);
    int[] numbers = {3, 2, 4};
    int[] victims = {2, 0, 1};
    for (int i = 0; i < numbers.length; i++) {
      Path log = folder.resolve("log");
      Process process = DilProcess.ranks(mpirun(numbers[i]), killed, ENVIRONMENT, log);
      // The first before anything was kept, the others after some more checkpoints.
      ProcessHandle victim = rank(process, victims[i]);
      awaitStep(12 * i, process);
      victim.destroyForcibly();
      long begun = System.nanoTime();
      assertFalse(DilProcess.status(process) == 0, () -> read(log));
      double seconds = (System.nanoTime() - begun) / 1e9;
      assertTrue(seconds < 30, "all must end within seconds, took " + seconds);
    }
    run(mpirun(2), killed, 0);
    assertEquals(40, MetricsFile.read(folder.resolve("killed/metrics.jsonl")).size());
    RanksTest.sameMetrics(folder.resolve("whole"), folder.resolve("killed"));
    RanksTest.close(
        folder.resolve("whole"), folder.resolve("killed"), ModelFolder.SINGLE_FILE, CLOSE);
  }

  private void awaitStep(int steps, Process process) throws Exception {
    Path metrics = folder.resolve("killed/metrics.jsonl");
    while (process.isAlive()
        && (steps > 0 && (Files.notExists(metrics) || lines(metrics) < steps))) {
      Thread.sleep(20);
    }
  }

  private static long lines(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      return lines.count();
    }
  }

  /** Returns the process of a rank, once it is there. */
  private static ProcessHandle rank(Process mpirun, int rank) throws InterruptedException {
    while (mpirun.isAlive()) {
      Optional<ProcessHandle> found =
          mpirun.descendants().filter(child -> isRank(child, rank)).findFirst();
      if (found.isPresent()) {
        return found.get();
      }
      Thread.sleep(20);
    }
    throw new AssertionError("mpirun has ended before rank " + rank + " began");
  }

  private static boolean isRank(ProcessHandle process, int rank) {
    try {
      String variables =
          Files.readString(
              Path.of("/proc", String.valueOf(process.pid()), "environ"), StandardCharsets.UTF_8);
      return ("\0" + variables).contains("\0OMPI_COMM_WORLD_RANK=" + rank + "\0");
    } catch (IOException e) {
      // It has ended meanwhile.
      return false;
    }
  }

  @Test
  void ranksThatDifferAreRefusedByName() throws Exception {
    Map<String, Object> settings = settings("out", "dpo");
    settings.remove("learning_rate");
    List<String> launcher = new ArrayList<>(mpirun(2));
    // Each rank adds a setting of its own.
    launcher.addAll(
        List.of("bash", "-c", "exec \"$@\" learning_rate=1e-$OMPI_COMM_WORLD_RANK", "bash"));
    String said = run(launcher, settings, 2);
    assertTrue(
        said.contains("must begin the run that rank 0 begins, but learning_rate is 0.1 there"),
        said);
    assertTrue(said.contains("dil: rank 1 of 2"), said);
    assertTrue(Files.notExists(folder.resolve("out")));
  }

  @Test
  void aFileThatOneRankLacksIsSaidWithTheRank() throws Exception {
    Map<String, Object> settings = settings("out", "dpo");
    Object data = settings.remove("dataset_name");
    List<String> launcher = new ArrayList<>(mpirun(3));
    launcher.addAll(
        List.of(
            "bash",
            "-c",
            "d="
                + data
                + "; [ $OMPI_COMM_WORLD_RANK = 2 ] && d=pairs:/nowhere.jsonl; exec \"$@\""
                + " dataset_name=$d",
            "bash"));
    String said = run(launcher, settings, 2);
    assertTrue(said.contains("dil: rank 2 of 3"), said);
    assertTrue(said.contains("/nowhere.jsonl"), said);
    assertFalse(said.contains("rank 1 of 3"), said);
  }

  @Test
  void whatCannotBeSharedIsSaidOnce() throws Exception {
    Map<String, Object> settings = settings("out", "dpo");
    settings.put("devices", "cpux2");
    String said = run(mpirun(2), settings, 2);
    String expected = "dil: devices would be ignored: mpirun started 2 ranks";
    assertEquals(2, said.split(expected, -1).length, said);
    settings.remove("devices");
    settings.put("per_device_train_batch_size", 1);
    said = run(mpirun(2), settings, 2);
    assertTrue(said.contains("must be at most the 1 examples of a step"), said);
  }

  @Test
  void aLibraryThatIsNotThereIsSaid() throws Exception {
    Map<String, Object> settings = settings("out", "dpo");
    String said = run(mpirun(2), settings, Map.of("DIL_MPI_LIBRARY", "libnowhere.so"), 2);
    assertTrue(said.contains("several ranks need an MPI library, and none of libnowhere.so"), said);
    said = run(mpirun(2), settings, Map.of("DIL_MPI_LIBRARY", "libz.so.1"), 2);
    assertTrue(said.contains("must be an MPI library of version 3 or newer"), said);
  }

  @Test
  void variablesWithoutALauncherAreRefused() throws Exception {
    Map<String, Object> settings = settings("out", "dpo");
    String said =
        run(List.of(), settings, Map.of("WORLD_SIZE", "2", "RANK", "0", "LOCAL_RANK", "0"), 2);
    assertTrue(said.contains("by torchrun's variables this is rank 0 of 2, but Open MPI"), said);
  }

  @Test
  void oneThatFailsSaysSoAndEndsTheOthers() throws Exception {
    Map<String, Object> settings = settings("out", "dil-lsif");
    settings.put("learning_rate", 1e6);
    String said = run(mpirun(2), settings, 1);
    assertTrue(said.contains("dil: rank "), said);
    assertTrue(said.contains("not finite"), said);
  }

  @Test
  void otherRanksSpeakWhereTheyAreAskedTo() throws Exception {
    Map<String, Object> settings = settings("out", "dpo");
    settings.put("max_steps", 2);
    String said = run(mpirun(2), settings, Map.of("DIL_SHOW_RANKS", "1"), 0);
    assertTrue(said.contains("[rank 1] step 2/2"), said);
  }
}
