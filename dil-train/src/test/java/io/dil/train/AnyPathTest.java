package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.dil.core.model.traced.TracedLm;
import io.dil.train.config.TrainingConfig;
import io.dil.train.quickstart.Quickstart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models are read, written, resumed and adapted under names of any characters. */
class AnyPathTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"u_m\u00f6del", "\u65e5\u672c", "\ud83d\ude80 rocket", "a'b \"c\" $d %s"})
  void mapsWritesResumesAndAdapts(String name) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder.resolve("plain"), "whole");
    settings.put("max_steps", 4);
    QuickRun.run(settings);
    byte[] expected = Files.readAllBytes(folder.resolve("plain/whole/model.safetensors"));

    Path odd = Files.createDirectories(folder.resolve(name));
    Map<String, Object> there = QuickRun.settings(odd, name);
    there.put("max_steps", 4);
    there.put("precompute_ref_log_probs", true);
    assertThrows(IllegalStateException.class, () -> failing(there));
    QuickRun.run(there);
    Path output = odd.resolve(name);
    there.remove("precompute_ref_log_probs");
    assertTrue(Files.exists(output.resolve("report.html")));
    assertTrue(Files.exists(output.resolve("checkpoint-2")));
    assertEquals(expected.length, Files.size(output.resolve("model.safetensors")));

    there.put("output_dir", odd.resolve(name + "-lora").toString());
    there.put("model_name_or_path", output.toString());
    there.put("use_peft", true);
    there.put("merge_adapter", true);
    there.put("max_steps", 1);
    QuickRun.run(there);
    there.put("adapter_name_or_path", odd.resolve(name + "-lora").toString());
    there.put("output_dir", odd.resolve(name + "-more").toString());
    QuickRun.run(there);
    assertTrue(Files.exists(odd.resolve(name + "-more/merged/model.safetensors")));
  }

  @Test
  void tracedModelsToo() throws IOException {
    for (String name : new String[] {"u_m\u00f6del", "\u65e5\u672c", "\ud83d\ude80"}) {
      Path model = TracedFolder.unpack(folder.resolve(name));
      try (TracedLm traced = TracedLm.load(model, Device.cpu())) {
        traced.write(folder.resolve(name + "-written"), model);
      }
      TracedLm.load(folder.resolve(name + "-written"), Device.cpu()).close();
    }
  }

  /** The launcher sets a locale that knows all characters where there is none. */
  @Test
  void worksWithoutALocaleThroughTheLauncher() throws Exception {
    Path launcher = Path.of("..", "dil").toAbsolutePath().normalize();
    Path built = Path.of("target", "cli", ".built");
    assumeTrue(
        Files.exists(launcher) && Files.exists(built), "skipped: the command line is not built");
    Path odd = folder.resolve("u_m\u00f6del \u65e5\u672c");
    Quickstart.unpack(odd);
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(
            "bash",
            launcher.toString(),
            "generate",
            "--model",
            odd.resolve("model").toString(),
            "--prompt",
            "ask mira for tea :",
            "--max-new-tokens",
            "2");
    builder.environment().keySet().removeIf(key -> key.startsWith("LC_"));
    builder.environment().put("LANG", "C");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES));
    assertEquals(
        0, process.exitValue(), new String(Files.readAllBytes(log), StandardCharsets.UTF_8));
  }

  private static void failing(Map<String, Object> settings) {
    new TrainingRun(
            TrainingConfig.of(settings),
            new TrainingListener() {
              @Override
              public void stepped(long step, int examples, Map<String, Double> metrics) {
                if (step == 2) {
                  throw new IllegalStateException("a listener fails");
                }
              }
            })
        .run();
  }
}
