package io.dil.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.checkpoint.SafetensorsHeader;
import io.dil.core.checkpoint.SafetensorsWriter;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Parameter;
import io.dil.core.model.Pass;
import io.dil.core.model.Precision;
import io.dil.train.quickstart.Quickstart;
import io.dil.train.run.MetricsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** bfloat16 training, and checkpoints of every floating-point type. */
class Bfloat16Test {
  private static final List<TokenGroup> GROUPS =
      List.of(
          new TokenGroup(
              Tokens.of(1, 3, 17, 21), List.of(Tokens.of(9, 12, 5, 2), Tokens.of(40, 8, 2))),
          new TokenGroup(
              Tokens.of(1, 30, 11), List.of(Tokens.of(33, 2), Tokens.of(7, 7, 50, 60, 2))));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"false, dil-lsif", "true, dil-lsif", "false, dpo", "true, dpo"})
  void theLossFalls(boolean pure, String loss) throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("bf16", true);
    settings.put("pure_bf16", pure);
    settings.put("loss_type", loss);
    settings.put("max_steps", 24);
    QuickRun.run(settings);
    List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("run/metrics.jsonl"));
    double last = (rows.get(22).get("loss") + rows.get(23).get("loss")) / 2;
    assertTrue(last < rows.get(0).get("loss") - 0.05, rows::toString);
    ModelFolder written = ModelFolder.open(folder.resolve("run"));
    assertTrue(written.tensors().values().stream().allMatch(one -> one.type() == StorageType.BF16));
    assertEquals("bfloat16", written.config().path("torch_dtype").asText());
  }

  @Test
  void pureRunsKeepNoMastersAndGoOnBitForBit() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "whole");
    settings.put("bf16", true);
    settings.put("pure_bf16", true);
    settings.put("save_steps", 5);
    settings.put("save_total_limit", 3);
    QuickRun.run(settings);
    SafetensorsHeader state =
        SafetensorsHeader.read(folder.resolve("whole/checkpoint-5/optimizer.safetensors"));
    state
        .entries()
        .forEach(
            (name, entry) -> {
              assertEquals(StorageType.BF16, entry.type(), name);
              assertTrue(!name.endsWith(".master"), name);
            });
    // As if killed behind step 5: what came later is not there.
    settings.put("output_dir", folder.resolve("again").toString());
    copy(folder.resolve("whole/checkpoint-5"), folder.resolve("again/checkpoint-5"));
    Files.copy(folder.resolve("whole/metrics.jsonl"), folder.resolve("again/metrics.jsonl"));
    QuickRun.run(settings);
    QuickRun.assertSame(folder, "whole", "again", "model.safetensors", "metrics.jsonl");
  }

  @Test
  void pureNeedsBfloat16() throws IOException {
    Map<String, Object> settings = QuickRun.settings(folder, "run");
    settings.put("pure_bf16", true);
    InputException error = assertThrows(InputException.class, () -> QuickRun.run(settings));
    assertTrue(error.getMessage().contains("pure_bf16 would be ignored"), error::getMessage);
  }

  /** The sum over chunks of the head's gradient must not round to bfloat16 at every chunk. */
  @Test
  void theGradientOfTheHeadIsSummedInFp32() throws IOException {
    Quickstart.unpack(folder);
    List<TokenGroup> many = new ArrayList<>();
    double[] weights = new double[4 * 64];
    for (int i = 0; i < 64; i++) {
      many.addAll(GROUPS);
      for (int j = 0; j < 4; j++) {
        weights[4 * i + j] = 1 + 0.5 * j;
      }
    }
    float[] exact = headGradient(many, weights, Precision.FLOAT32, ComputeOptions.DEFAULT);
    float[] whole = headGradient(many, weights, Precision.BFLOAT16, ComputeOptions.DEFAULT);
    float[] rows =
        headGradient(
            many, weights, Precision.BFLOAT16, ComputeOptions.DEFAULT.withHeadBytes(4 * 77));
    assertTrue(error(exact, whole) < 0.06, "whole " + error(exact, whole));
    // Tiles of one row each, 896 of them: summed in bfloat16 they would be off by a hundredth and
    // more.
    assertTrue(error(whole, rows) < 0.003, "row by row " + error(whole, rows));
  }

  @Test
  void checkpointsOfEveryTypeLoadInEveryPrecision() throws IOException {
    Quickstart.unpack(folder);
    for (StorageType type : List.of(StorageType.F64, StorageType.F16, StorageType.BF16)) {
      store(type);
    }
    store(StorageType.F32);
    for (Precision precision : Precision.values()) {
      double[] expected = score("F32", precision);
      assertArrayEquals(expected, score("F64", precision), precision + " from F64");
      assertArrayEquals(expected, score("F16", precision), precision + " from F16");
      assertArrayEquals(expected, score("BF16", precision), precision + " from BF16");
    }
  }

  private double[] score(String name, Precision precision) {
    try (DecoderLm model = load(folder.resolve(name), precision)) {
      return model.score(GROUPS, ComputeOptions.DEFAULT);
    }
  }

  /** Stores the model with its weights as multiples of 1/128 in (-1, 1], which all types have. */
  private void store(StorageType type) throws IOException {
    Path to = folder.resolve(type.name());
    copy(folder.resolve("model"), to);
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    try (DecoderLm model = load(folder.resolve("model"), Precision.FLOAT32)) {
      model
          .weights()
          .forEach(
              (name, array) -> {
                float[] values = array.toFloatArray();
                ByteBuffer bytes =
                    ByteBuffer.allocate(values.length * type.bytes())
                        .order(ByteOrder.LITTLE_ENDIAN);
                for (float value : values) {
                  put(bytes, Math.max(-127, Math.min(128, Math.round(value * 128))) / 128f, type);
                }
                List<Long> shape = new ArrayList<>();
                for (long size : array.getShape().getShape()) {
                  shape.add(size);
                }
                tensors.add(SafetensorsWriter.Tensor.of(name, type, shape, bytes::flip));
              });
    }
    SafetensorsWriter.write(to.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
  }

  private static void put(ByteBuffer bytes, float value, StorageType type) {
    int bits = Float.floatToRawIntBits(value);
    switch (type) {
      case F64 -> bytes.putDouble(value);
      case F32 -> bytes.putFloat(value);
      case BF16 -> bytes.putShort((short) (bits >>> 16));
      // Sign, exponent moved from a bias of 127 to 15, and the upper 10 bits of the fraction.
      case F16 ->
          bytes.putShort(
              (short)
                  (value == 0
                      ? 0
                      : (bits >>> 16 & 0x8000)
                          | ((bits >>> 23 & 0xFF) - 127 + 15) << 10
                          | (bits >>> 13 & 0x3FF)));
      default -> throw new AssertionError(type);
    }
  }

  private float[] headGradient(
      List<TokenGroup> groups, double[] weights, Precision precision, ComputeOptions options) {
    try (DecoderLm model = load(folder.resolve("model"), precision).trainAll();
        Pass pass = model.forward(groups, options)) {
      pass.backward(weights);
      Parameter head = model.parameters().get(0);
      assertEquals("model.embed_tokens.weight", head.name());
      return head.gradient().toFloatArray();
    }
  }

  private static double error(float[] expected, float[] got) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) expected[i] - got[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static DecoderLm load(Path path, Precision precision) {
    return DecoderLm.load(ModelFolder.open(path), Device.cpu(), precision);
  }
}
