package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a step asks of the cards, as numbers: how often the host waits, what is copied, how many
 * kernels are launched, and what the allocator holds.
 */
@Tag("fakegpu")
class FakeGpuCountersTest {
  private static final Pattern STEP = Pattern.compile("(?m)^step (\\d+) (\\{.*})$");
  private static final Pattern COUNTER = Pattern.compile("(\\w+)=(\\d+)");

  /** Pairs of a step; a pass has two of them. */
  private static final int PASSES = 4;

  /** What goes up for a pass is ids, positions and targets. */
  private static final long BYTES_UP_PER_PASS = 8192;

  @TempDir Path folder;

  @BeforeEach
  void standIn() {
    FakeCuda.require();
  }

  /**
   * A step of four passes of two pairs. Waits: one a pass of the policy and one of the reference,
   * and on every card one for the gradient's norm.
   *
   * @param up copies from the host
   * @param down copies to the host
   * @param across copies between cards
   * @param acrossBytes their bytes
   * @param launches kernels, those of products apart
   * @param products of matrices
   * @param peak what the allocator took on each card in MiB, which grows in pieces of 2 and 20
   */
  @ParameterizedTest
  @CsvSource({
    "device=cuda gradient_checkpointing=false, 9, 60, 9, 0, 0, 2295, 356, 24",
    "device=cuda gradient_checkpointing=true, 9, 60, 9, 0, 0, 2691, 440, 24",
    "device=cuda gradient_checkpointing=true bf16=false, 9, 44, 9, 0, 0, 3690, 440, 24",
    "device=cuda gradient_checkpointing=false use_peft=true, 9, 60, 9, 0, 0, 2647, 772, 22",
    "device=cuda gradient_checkpointing=true use_peft=true, 9, 60, 9, 0, 0, 3211, 1024, 22",
    "device=cuda gradient_checkpointing=false optim=adamw_8bit, 9, 60, 9, 0, 0, 2895, 356, 24",
    "device=cuda gradient_checkpointing=false loss_type=sft, 5, 32, 5, 0, 0, 1595, 268, 24",
    // The whole batch is scored before the first pass goes back.
    "device=cuda gradient_checkpointing=false loss_type=kto, 21, 144, 21, 0, 0, 3915, 620, 24",
    "devices=4 gradient_checkpointing=false, 12, 60, 12, 696, 1382400, 2928, 356, 22",
    "devices=4 gradient_checkpointing=true, 12, 60, 12, 696, 1382400, 3324, 440, 22",
    "devices=4 gradient_checkpointing=true zero_stage=3, 12, 60, 12, 1392, 2813952, 3324, 440, 22",
    "devices=4 gradient_checkpointing=false use_peft=true, 12, 60, 12, 1008, 884736, 3544, 772, 22",
    "devices=4 gradient_checkpointing=true use_peft=true, 12, 60, 12, 1008, 884736, 4108, 1024, 22"
  })
  void aStepIsSoMany(
      String words,
      long waits,
      long up,
      long down,
      long across,
      long acrossBytes,
      long launches,
      long products,
      long peak)
      throws IOException, InterruptedException {
    for (Map<String, Long> step : steps(words)) {
      String where = words + ": " + step;
      assertEquals(0, step.get("mismatched"), where);
      assertEquals(0, step.get("mallocs"), where);
      assertEquals(waits, step.get("syncs") + step.get("eventsyncs"), where);
      assertEquals(up, step.get("h2d"), where);
      assertTrue(step.get("h2d_b") < 2 * PASSES * BYTES_UP_PER_PASS, where);
      assertEquals(down, step.get("d2h"), where);
      // A number for each response of a pass, and the norm.
      assertTrue(step.get("d2h_b") <= 1024, where);
      assertEquals(across, step.get("p2p"), where);
      assertEquals(acrossBytes, step.get("p2p_b"), where);
      assertEquals(launches, step.get("launches"), where);
      assertEquals(products, step.get("gemm"), where);
      int cards = words.startsWith("devices=4") ? 4 : 1;
      for (int card = 0; card < 4; card++) {
        assertEquals(card < cards ? peak << 20 : 0, step.get("peak" + card), where);
      }
    }
  }

  /** What is kept on the host is brought to the card: a copy an array, which the host waits for. */
  @ParameterizedTest
  @CsvSource({
    "device=cuda gradient_checkpointing=false offload_optimizer=true, 67, 89, 38",
    "device=cuda gradient_checkpointing=false offload_reference=true, 125, 176, 9"
  })
  void whatIsOnTheHostIsCopiedOnceAnArray(String words, long waits, long up, long down)
      throws IOException, InterruptedException {
    for (Map<String, Long> step : steps(words)) {
      assertEquals(waits, step.get("syncs"), words + ": " + step);
      assertEquals(up, step.get("h2d"), words + ": " + step);
      assertEquals(down, step.get("d2h"), words + ": " + step);
    }
  }

  /** Returns the counters of steps after the first, in which the allocator takes what it needs. */
  private List<Map<String, Long>> steps(String words) throws IOException, InterruptedException {
    Map<String, Object> settings = QuickRun.settings(folder, "out");
    settings.put("max_steps", 4);
    settings.put("report_generations", 0);
    settings.put("per_device_train_batch_size", 2);
    settings.put("gradient_accumulation_steps", PASSES);
    // Norms are what happens to be in memory here; clipping by them would be launches more or less.
    settings.put("max_grad_norm", 0);
    for (String word : words.split(" ")) {
      String[] pair = word.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    Path log = folder.resolve("log");
    Map<String, String> environment = Map.of("FAKECUDA_LOG", folder.resolve("counters").toString());
    Process process = DilProcess.run("", StepCounters.class, settings, environment, log);
    assertEquals(0, DilProcess.status(process), DilProcess.text(log));
    List<Map<String, Long>> steps = new ArrayList<>();
    Matcher matcher = STEP.matcher(DilProcess.text(log));
    while (matcher.find()) {
      if (Integer.parseInt(matcher.group(1)) > 2) {
        Map<String, Long> counters = new TreeMap<>();
        Matcher counter = COUNTER.matcher(matcher.group(2));
        while (counter.find()) {
          counters.put(counter.group(1), Long.parseLong(counter.group(2)));
        }
        steps.add(counters);
      }
    }
    assertEquals(2, steps.size(), DilProcess.text(log));
    return steps;
  }
}
