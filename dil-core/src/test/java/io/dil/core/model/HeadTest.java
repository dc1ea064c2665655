package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.model.gemma2.Gemma2;
import io.dil.core.model.llama.Llama;
import io.dil.core.torch.GradMode;
import io.dil.core.torch.TorchProgram;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiles of logits give what whole logits give, over many tiles in both directions. */
class HeadTest {
  private static final int HIDDEN = 8;
  private static final int ROWS = 1300;
  private static final int VOCABULARY = 5000;
  private static final double CAP = 4;

  /** fp32 rounds logits of up to 20 by 1e-6, and a gradient is that times weights of up to 4. */
  private static final double TOLERANCE = 5e-5;

  private final Random random = new Random(3);

  @ParameterizedTest
  @CsvSource({
    "false, false, 9223372036854775807",
    "false, false, 8388608",
    "false, false, 100000",
    "true, false, 9223372036854775807",
    "true, false, 100000",
    "false, true, 100000",
    "true, true, 100000"
  })
  void equalsTheFormulaInFp64(boolean capped, boolean asTorch, long bytes) {
    double[][] h = random(ROWS);
    double[][] w = random(VOCABULARY);
    long[] targets = random.longs(ROWS, 0, VOCABULARY).toArray();
    // The first and the last column are at the tiles' edges.
    targets[0] = 0;
    targets[1] = VOCABULARY - 1;
    for (int row = 2; row < ROWS; row += 3) {
      targets[row] = largest(h[row], w);
    }
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TorchProgram program = DecoderProgram.compile(manager, spec(capped), asTorch);
        GradMode off = GradMode.off()) {
      NDArray hidden = array(manager, h);
      NDArray weight = array(manager, w);
      NDArray wanted = manager.create(targets);
      NDArray g = manager.ones(new Shape(ROWS));
      NDList found =
          program
              .call("token_log_probs")
              .with(hidden)
              .with(weight)
              .with(wanted)
              .with(bytes)
              .run(manager);
      NDArray statistics =
          program
              .call("token_statistics")
              .with(hidden)
              .with(weight)
              .with(wanted)
              .with(found.get(1))
              .with(found.get(2))
              .with(bytes)
              .single(manager);
      NDArray dw = manager.zeros(weight.getShape());
      NDArray dh =
          program
              .call("head_backward")
              .with(hidden)
              .with(weight)
              .with(wanted)
              .with(g)
              .with(found.get(1))
              .with(found.get(2))
              .with(bytes)
              .with(dw)
              .single(manager);
      check(h, w, targets, capped, found.get(0), dh, dw);
      checkStatistics(h, w, targets, capped, statistics);
    }
  }

  private static void check(
      double[][] h,
      double[][] w,
      long[] targets,
      boolean capped,
      NDArray logProbs,
      NDArray dh,
      NDArray dw) {
    double[][] wantedDw = new double[VOCABULARY][HIDDEN];
    for (int row = 0; row < ROWS; row++) {
      double[] z = new double[VOCABULARY];
      double sum = 0;
      for (int v = 0; v < VOCABULARY; v++) {
        for (int i = 0; i < HIDDEN; i++) {
          z[v] += h[row][i] * w[v][i];
        }
        z[v] = capped ? CAP * Math.tanh(z[v] / CAP) : z[v];
        sum += Math.exp(z[v]);
      }
      int target = (int) targets[row];
      assertEquals(z[target] - Math.log(sum), logProbs.getFloat(row), TOLERANCE, "row " + row);
      double[] wantedDh = new double[HIDDEN];
      for (int v = 0; v < VOCABULARY; v++) {
        double dz = (v == target ? 1 : 0) - Math.exp(z[v]) / sum;
        dz *= capped ? 1 - Math.pow(z[v] / CAP, 2) : 1;
        for (int i = 0; i < HIDDEN; i++) {
          wantedDh[i] += dz * w[v][i];
          wantedDw[v][i] += dz * h[row][i];
        }
      }
      for (int i = 0; i < HIDDEN; i++) {
        assertEquals(wantedDh[i], dh.getFloat(row, i), TOLERANCE, "dh of row " + row);
      }
    }
    for (int v = 0; v < VOCABULARY; v++) {
      for (int i = 0; i < HIDDEN; i++) {
        assertEquals(wantedDw[v][i], dw.getFloat(v, i), TOLERANCE, "dw of column " + v);
      }
    }
  }

  private static int largest(double[] h, double[][] w) {
    int top = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int v = 0; v < VOCABULARY; v++) {
      double z = 0;
      for (int i = 0; i < HIDDEN; i++) {
        z += h[i] * w[v][i];
      }
      top = z > most ? v : top;
      most = Math.max(most, z);
    }
    return top;
  }

  private static void checkStatistics(
      double[][] h, double[][] w, long[] targets, boolean capped, NDArray statistics) {
    for (int row = 0; row < ROWS; row++) {
      double sum = 0;
      double mean = 0;
      double expected = 0;
      int top = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int v = 0; v < VOCABULARY; v++) {
        double z = 0;
        for (int i = 0; i < HIDDEN; i++) {
          z += h[row][i] * w[v][i];
        }
        z = capped ? CAP * Math.tanh(z / CAP) : z;
        sum += Math.exp(z);
        expected += z * Math.exp(z);
        mean += z / VOCABULARY;
        top = z > most ? v : top;
        most = Math.max(most, z);
      }
      assertEquals(
          Math.log(sum) - expected / sum, statistics.getFloat(row, 0), TOLERANCE, "entropy " + row);
      assertEquals(mean, statistics.getFloat(row, 1), TOLERANCE, "mean logit " + row);
      assertEquals(top == targets[row] ? 1 : 0, statistics.getFloat(row, 2), "top " + row);
    }
  }

  private double[][] random(int rows) {
    double[][] values = new double[rows][HIDDEN];
    for (double[] row : values) {
      for (int i = 0; i < HIDDEN; i++) {
        // What fp32 holds exactly.
        row[i] = (float) random.nextGaussian();
      }
    }
    return values;
  }

  private static NDArray array(NDManager manager, double[][] values) {
    NDArray flat = manager.create(new Shape((long) values.length * HIDDEN), DataType.FLOAT32);
    float[] all = new float[values.length * HIDDEN];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) values[i / HIDDEN][i % HIDDEN];
    }
    flat.set(all);
    return flat.reshape(values.length, HIDDEN);
  }

  private static ModelSpec spec(boolean capped) {
    Map<String, Object> config = new HashMap<>();
    config.put("vocab_size", VOCABULARY);
    config.put("hidden_size", HIDDEN);
    config.put("intermediate_size", HIDDEN);
    config.put("num_hidden_layers", 1);
    config.put("num_attention_heads", 1);
    if (!capped) {
      return new Llama().read(new ModelConfig("test", new ObjectMapper().valueToTree(config)));
    }
    config.put("final_logit_softcapping", CAP);
    config.put("num_key_value_heads", 1);
    config.put("head_dim", HIDDEN);
    return new Gemma2().read(new ModelConfig("test", new ObjectMapper().valueToTree(config)));
  }
}
