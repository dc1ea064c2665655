package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.TorchProgram;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The masks of an adapter's dropout: their formula, their statistics, and gradients under them. */
class DropoutTest {
  private static final String LINEAR = "model.layers.3.self_attn.q_proj";

  private NDManager manager;
  private TorchProgram program;

  @BeforeEach
  void compile() {
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    Map<String, Object> constants = new HashMap<>();
    for (String name :
        new String[] {
          "logit_cap", "embed_scale", "attention_cap", "norm_offset", "norm_eps", "attention_scale"
        }) {
      constants.put(name, 0.0);
    }
    constants.put("training", false);
    constants.put("as_torch", false);
    constants.put("grouped_attention", false);
    constants.put("activation", "silu");
    constants.put("head_dim", 4L);
    program =
        TorchProgram.compile(
            manager,
            TorchProgram.resource(DecoderLm.class, "layers.py")
                + PackedWeights.program(false)
                + TorchProgram.resource(DecoderLm.class, "llama/llama.py")
                + """
                  def mask(self: __torch__.Model, rows: Tensor, columns: Tensor, p: Tensor) -> Tensor:
                    return self.dropped(rows, columns, float(p))

                  def only(self: __torch__.Model, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
                    return self.linear(x, w, "l")
                """,
            constants);
  }

  @AfterEach
  void close() {
    program.close();
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({"5, 7, 0.3", "700, 300, 0.05", "3, 70000, 0.9", "1, 1, 0.5"})
  void masksAreWhatTheFormulaSays(int tokens, int inputs, double p) {
    int[] rows = new Dropout(42, 7, 3).rows(batch(tokens));
    int[] columns = Dropout.columns(LINEAR, inputs);
    boolean[] got = mask(rows, columns, p);
    for (int i = 0; i < tokens; i++) {
      for (int j = 0; j < inputs; j++) {
        int h = (rows[i] ^ columns[j]) * rows[tokens + i];
        h = (h ^ h >>> 16) * 0x7feb352d;
        h = (h ^ h >>> 15) * 0x846ca68b;
        assertEquals(h < p * 0x1p32 - 0x1p31, got[i * inputs + j], i + " " + j);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.05, 0.5, 0.9})
  void sharesAreBinomial(double p) {
    int tokens = 512;
    int inputs = 768;
    for (int seed = 0; seed < 5; seed++) {
      boolean[] mask = mask(new Dropout(seed, 11, 0), LINEAR, tokens, inputs, p);
      int[] byRow = new int[tokens];
      int[] byColumn = new int[inputs];
      for (int i = 0; i < mask.length; i++) {
        if (mask[i]) {
          byRow[i / inputs]++;
          byColumn[i % inputs]++;
        }
      }
      double whole = 0;
      for (int count : byRow) {
        whole += count;
      }
      assertEquals(0, score(whole, (double) tokens * inputs, p), 4.5);
      // Squared standard scores have mean 1 and variance 2 a row: neither too wide nor too even.
      assertEquals(1, spread(byRow, inputs, p), 4.5 * Math.sqrt(2.0 / tokens) + 0.05);
      assertEquals(1, spread(byColumn, tokens, p), 4.5 * Math.sqrt(2.0 / inputs) + 0.05);
    }
  }

  @Test
  void aCellIsDroppedAsOftenAsAnyOverTheSteps() {
    int steps = 2000;
    double p = 0.2;
    int[] counts = new int[4 * 8];
    for (int step = 0; step < steps; step++) {
      boolean[] mask = mask(new Dropout(5, step, 0), LINEAR, 4, 8, p);
      for (int i = 0; i < mask.length; i++) {
        counts[i] += mask[i] ? 1 : 0;
      }
    }
    for (int count : counts) {
      assertEquals(0, score(count, steps, p), 4.5);
    }
  }

  @Test
  void masksOfDifferentPlacesHaveNothingInCommon() {
    int tokens = 64;
    int inputs = 4096;
    double p = 0.3;
    Dropout one = new Dropout(42, 7, 0);
    boolean[] mask = mask(one, LINEAR, tokens, inputs, p);
    boolean[][] others = {
      mask(new Dropout(43, 7, 0), LINEAR, tokens, inputs, p),
      mask(new Dropout(42, 8, 0), LINEAR, tokens, inputs, p),
      mask(new Dropout(42, 7, 1), LINEAR, tokens, inputs, p),
      mask(one, LINEAR.replace('3', '4'), tokens, inputs, p),
      mask(one, LINEAR.replace('q', 'k'), tokens, inputs, p),
      shifted(mask, inputs),
      shifted(mask, 1)
    };
    for (boolean[] other : others) {
      double both = 0;
      for (int i = 0; i < mask.length; i++) {
        both += mask[i] && other[i] ? 1 : 0;
      }
      assertEquals(0, score(both, mask.length, p * p), 4.5);
    }
    assertArrayEquals(mask, mask(one, LINEAR, tokens, inputs, p));
  }

  @Test
  void aPromptsRowsAreTheSameSharedOrNotAndResponsesHaveTheirOwn() {
    TokenBatch batch =
        new TokenBatch(
            new long[4],
            new long[] {0, 0, 0, 0},
            new long[4],
            new long[] {0, 1, 0, 0},
            new long[] {0, 0, 0, 1},
            new long[0],
            new long[0],
            new long[0],
            new long[0],
            new double[0],
            1);
    int[] rows = new Dropout(1, 1, 4).rows(batch);
    assertEquals(rows[0], rows[2]);
    assertEquals(rows[4], rows[6]);
    assertNotEquals(rows[0], rows[1]);
    assertNotEquals(rows[0], rows[3]);
    assertEquals(rows[1], new Dropout(1, 1, 5).rows(batch)[0]);
  }

  @Test
  void gradientsAreThoseOfTheMaskedProduct() {
    int n = 6;
    double p = 0.4;
    double s = 1.7;
    SplittableRandom random = new SplittableRandom(3);
    NDArray x = leaf(random, n, 9);
    NDArray a = leaf(random, 3, 9);
    NDArray b = leaf(random, 5, 3);
    NDArray weight = leaf(random, 5, 9);
    NDArray dy = leaf(random, n, 5);
    dy.setRequiresGradient(false);
    int[] rows = new Dropout(1, 2, 0).rows(batch(n));
    int[] columns = Dropout.columns("l", 9);
    boolean[] drops = mask(rows, columns, p);
    float[] kept = new float[drops.length];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = drops[i] ? 0 : (float) (1 / (1 - p));
    }
    NDArray m = manager.create(kept, new Shape(n, 9));
    Map<String, NDArray> w = new LinkedHashMap<>();
    w.put("l.weight", weight);
    w.put("l.lora_A.weight", a);
    w.put("l.lora_B.weight", b);
    w.put("l.lora_scale", manager.create((float) s));
    w.put("l.lora_columns", manager.create(columns));
    w.put("dropout.rows", manager.create(rows, new Shape(2, n, 1)));
    w.put("dropout.share", manager.create(p));
    Map<String, NDArray> gradients = new LinkedHashMap<>();
    gradients.put("l.lora_A.weight", manager.zeros(a.getShape()));
    gradients.put("l.lora_B.weight", manager.zeros(b.getShape()));
    NDArray y;
    NDArray dx;
    try (GradMode on = GradMode.on()) {
      y = program.call("only").with(x).with(w).single(manager);
      dx =
          program.call("backward").with(x).with(y).with(dy).with(w).with(gradients).single(manager);
    }
    // y = x Wᵀ + s (x∘m) Aᵀ Bᵀ.
    NDArray masked = x.mul(m);
    NDArray low = masked.matMul(a.transpose());
    close(x.matMul(weight.transpose()).add(low.matMul(b.transpose()).mul(s)), y);
    NDArray back = dy.matMul(b).mul(s);
    close(dy.transpose().matMul(low).mul(s), gradients.get("l.lora_B.weight"));
    close(back.transpose().matMul(masked), gradients.get("l.lora_A.weight"));
    close(dy.matMul(weight).add(back.matMul(a).mul(m)), dx);
  }

  private static void close(NDArray expected, NDArray got) {
    double norm = expected.norm().getFloat();
    assertTrue(norm > 0);
    assertEquals(0, expected.sub(got).norm().getFloat() / norm, 1e-6);
  }

  private NDArray leaf(SplittableRandom random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    NDArray array = manager.create(values, new Shape(rows, columns));
    array.setRequiresGradient(true);
    return array;
  }

  /** One response of {@code tokens} tokens. */
  private static TokenBatch batch(int tokens) {
    long[] positions = new long[tokens];
    for (int i = 0; i < tokens; i++) {
      positions[i] = i;
    }
    return new TokenBatch(
        new long[tokens],
        positions,
        new long[tokens],
        new long[tokens],
        new long[tokens],
        new long[0],
        new long[0],
        new long[0],
        new long[0],
        new double[0],
        1);
  }

  private boolean[] mask(Dropout dropout, String linear, int tokens, int inputs, double p) {
    return mask(dropout.rows(batch(tokens)), Dropout.columns(linear, inputs), p);
  }

  private boolean[] mask(int[] rows, int[] columns, double p) {
    try (NDManager scope = manager.newSubManager();
        NDArray mask =
            program
                .call("mask")
                .with(scope.create(rows, new Shape(2, rows.length / 2, 1)))
                .with(scope.create(columns))
                .with(p)
                .single(scope)) {
      return mask.toType(DataType.BOOLEAN, false).toBooleanArray();
    }
  }

  private static boolean[] shifted(boolean[] mask, int by) {
    boolean[] shifted = new boolean[mask.length];
    for (int i = 0; i < mask.length; i++) {
      shifted[i] = mask[(i + by) % mask.length];
    }
    return shifted;
  }

  /** The standard score of a count of n draws with probability p. */
  private static double score(double count, double n, double p) {
    return (count - n * p) / Math.sqrt(n * p * (1 - p));
  }

  private static double spread(int[] counts, int n, double p) {
    double sum = 0;
    for (int count : counts) {
      sum += Math.pow(score(count, n, p), 2) / counts.length;
    }
    return sum;
  }
}
