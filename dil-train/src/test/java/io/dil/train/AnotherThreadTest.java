package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.dil.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run computes the same on every thread: torch keeps its modes for each. */
class AnotherThreadTest {
  @TempDir Path folder;

  @Test
  void aRunOnAThreadOfItsOwnIsTheSame() throws IOException, InterruptedException {
    for (String output : new String[] {"here", "there"}) {
      Map<String, Object> settings = QuickRun.settings(folder, output);
      settings.put("bf16", true);
      settings.put("eval_holdout", 0.1);
      settings.put("max_steps", 3);
      if (output.equals("here")) {
        QuickRun.run(settings);
        continue;
      }
      AtomicReference<Throwable> error = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> new TrainingRun(TrainingConfig.of(settings), TrainingListener.NONE).run());
      thread.setUncaughtExceptionHandler((of, thrown) -> error.set(thrown));
      thread.start();
      thread.join();
      assertNull(error.get());
    }
    for (String file : new String[] {"model.safetensors", "metrics.jsonl"}) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("here").resolve(file)),
          Files.readAllBytes(folder.resolve("there").resolve(file)));
    }
  }
}
