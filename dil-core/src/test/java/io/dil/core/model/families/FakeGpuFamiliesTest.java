package io.dil.core.model.families;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.GenerationOptions;
import io.dil.core.model.Generator;
import io.dil.core.model.ModelWriter;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.core.model.PromptSharing;
import io.dil.core.model.Recompute;
import io.dil.core.torch.FakeCuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family on a GPU that computes nothing: no array is on the wrong device, nothing aborts the
 * process, and threads wait for the card as rarely as they must.
 */
@Tag("fakegpu")
class FakeGpuFamiliesTest {
  /** The log-probabilities of a pass are read on the host, once. */
  private static final long WAITS = 1;

  @TempDir Path folder;

  @BeforeEach
  void standIn() {
    FakeCuda.require();
  }

  static Stream<TinyCheckpoint> checkpoints() throws Exception {
    return TinyCheckpoint.all().stream();
  }

  private static DecoderLm load(TinyCheckpoint checkpoint, Precision precision) {
    return DecoderLm.load(checkpoint.folder(), Device.gpu(0), precision);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void passesGoForwardAndBack(TinyCheckpoint checkpoint) throws IOException {
    for (Precision precision : Precision.values()) {
      try (DecoderLm model = load(checkpoint, precision).trainAll()) {
        for (PromptSharing sharing : List.of(PromptSharing.ALWAYS, PromptSharing.NEVER)) {
          for (Recompute recompute : List.of(Recompute.ALWAYS, Recompute.NEVER)) {
            ComputeOptions options =
                ComputeOptions.on(Device.gpu(0)).withSharing(sharing).withRecompute(recompute);
            // Tables of positions grow in the first pass.
            pass(model, checkpoint.groups(), options);
            FakeCuda.reset();
            pass(model, checkpoint.groups(), options);
            Map<String, Long> counters = FakeCuda.counters();
            String where = checkpoint + " " + precision + " " + options;
            assertEquals(0, counters.get("mismatched"), where);
            assertTrue(counters.get("syncs") <= WAITS, where + ": " + counters);
          }
        }
      }
    }
  }

  private static void pass(DecoderLm model, List<TokenGroup> groups, ComputeOptions options) {
    try (Pass pass = model.forward(groups, options)) {
      double[] weights = new double[pass.scores().length];
      pass.backward(weights);
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void modelsAreWrittenAndGenerate(TinyCheckpoint checkpoint) throws IOException {
    for (Precision precision : Precision.values()) {
      try (DecoderLm model = load(checkpoint, precision)) {
        ModelFolder source = checkpoint.folder();
        ModelWriter.write(folder, model, source);
        assertEquals(
            model.weights().size(),
            SafetensorsHeader.read(folder.resolve(ModelFolder.SINGLE_FILE)).entries().size(),
            1);
        List<Tokens> prompts =
            checkpoint.groups().stream().map(TokenGroup::prompt).limit(2).toList();
        List<Tokens> answers =
            new Generator(model, Set.of()).generate(prompts, GenerationOptions.greedy(3));
        assertEquals(2, answers.size());
      }
    }
  }

  @Test
  void launchesOfAPassDoNotGrowWithTheNumberOfSequences() throws Exception {
    int tried = 0;
    for (TinyCheckpoint checkpoint : TinyCheckpoint.all()) {
      try (DecoderLm model = load(checkpoint, Precision.BFLOAT16)) {
        boolean capped = model.spec().constants().containsKey("attention_cap");
        if (model.spec().headDim() % 8 != 0 || capped) {
          // There is no kernel that takes all runs at once.
          continue;
        }
        ComputeOptions options = ComputeOptions.on(Device.gpu(0)).withSharing(PromptSharing.NEVER);
        long few = launches(model, checkpoint.groups(), 1, options);
        long many = launches(model, checkpoint.groups(), 8, options);
        assertEquals(few, many, checkpoint.toString());
        tried++;
      }
    }
    assertTrue(tried >= 5, "families with the kernel: " + tried);
  }

  /**
   * A layer's launches are the difference of two layers and of one, {@code KERNELS+PRODUCTS}: in
   * the forward pass, and in the backward pass with activations kept and computed again.
   */
  @ParameterizedTest
  @CsvSource({
    "llama-llama3, BFLOAT16, 31+7, 66+14, 97+21",
    "mistral-full-head-dim, BFLOAT16, 31+7, 66+14, 97+21",
    "gpt_neox-parallel, BFLOAT16, 18+4, 47+8, 65+12",
    "llama-llama3, FLOAT32, 45+7, 96+14, 141+21",
    "gpt_neox-parallel, FLOAT32, 24+4, 71+8, 95+12"
  })
  void aLayerIsSoManyLaunches(
      String name, Precision precision, String forward, String kept, String again)
      throws Exception {
    for (Recompute recompute : List.of(Recompute.NEVER, Recompute.ALWAYS)) {
      List<Map<String, Long>> one = counted(name, precision, recompute, 1);
      List<Map<String, Long>> two = counted(name, precision, recompute, 2);
      assertEquals(forward, more(two.get(0), one.get(0)), "forward");
      String back = recompute == Recompute.NEVER ? kept : again;
      assertEquals(back, more(two.get(1), one.get(1)), "backward, recompute " + recompute);
    }
  }

  private static String more(Map<String, Long> two, Map<String, Long> one) {
    long launches = two.get("launches") - one.get("launches");
    return launches + "+" + (two.get("gemm") - one.get("gemm"));
  }

  /** Returns the counters of a forward and a backward pass through the first layers of a model. */
  private List<Map<String, Long>> counted(
      String name, Precision precision, Recompute recompute, int layers) throws Exception {
    TinyCheckpoint checkpoint =
        checkpoints().filter(one -> one.toString().equals(name)).findFirst().orElseThrow();
    Path cut = Files.createTempDirectory(folder, name);
    Files.copy(
        checkpoint.path().resolve(ModelFolder.SINGLE_FILE), cut.resolve(ModelFolder.SINGLE_FILE));
    Files.writeString(
        cut.resolve("config.json"),
        Files.readString(checkpoint.path().resolve("config.json"))
            .replaceFirst("(\"num_hidden_layers\": )\\d+", "$1" + layers));
    ComputeOptions options =
        ComputeOptions.on(Device.gpu(0)).withSharing(PromptSharing.NEVER).withRecompute(recompute);
    try (DecoderLm model =
        DecoderLm.load(ModelFolder.open(cut), Device.gpu(0), precision).trainAll()) {
      assertEquals(layers, model.spec().layers());
      // Tables of positions grow in the first pass.
      pass(model, checkpoint.groups(), options);
      FakeCuda.reset();
      try (Pass pass = model.forward(checkpoint.groups(), options)) {
        Map<String, Long> forward = FakeCuda.counters();
        FakeCuda.reset();
        pass.backward(new double[pass.scores().length]);
        return List.of(forward, FakeCuda.counters());
      }
    }
  }

  private static long launches(
      DecoderLm model, List<TokenGroup> groups, int times, ComputeOptions options)
      throws IOException {
    List<TokenGroup> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      all.addAll(groups);
    }
    model.score(all, options);
    FakeCuda.reset();
    model.score(all, options);
    return FakeCuda.counters().get("launches");
  }
}
