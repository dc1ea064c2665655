package io.dil.train;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.dil.core.torch.TorchNatives;
import io.dil.losses.LossDescription;
import io.dil.losses.PairwiseLoss;
import io.dil.losses.Reduction;
import io.dil.train.config.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run in a process of its own that meets a fault in its fourth step: {@code lose=RANK}, whose
 * device then fails while the others are in the backward pass, or {@code fill=CARD}, whose memory
 * somebody else takes. Ends as {@code dil train} does.
 */
final class DisturbedRun {
  /** Steps that go well. */
  static final int GOOD = 3;

  private static volatile int steps;

  private DisturbedRun() {}

  /** Runs with the settings {@code key=value}. */
  public static void main(String[] args) {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (String word : args) {
      String[] pair = word.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    String lost = "dil-rank-" + settings.remove("lose");
    Object filled = settings.remove("fill");
    TorchNatives.prepare();
    PairwiseLoss loss =
        PairwiseLoss.ofLogRatios(
            Reduction.MEAN,
            (chosen, rejected) -> {
              if (steps == GOOD && Thread.currentThread().getName().equals(lost)) {
                throw new EngineException("CUDA error: unspecified launch failure");
              }
              return chosen.sub(1).square().add(rejected.add(1).square());
            });
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void message(String text) {
            System.out.println(text);
          }

          @Override
          public void stepped(long step, int examples, Map<String, Double> metrics) {
            if (++steps == GOOD && filled != null) {
              fill(Integer.parseInt(filled.toString()));
            }
          }
        };
    int status = 0;
    try {
      new TrainingRun(TrainingConfig.of(settings), listener)
          .withLoss(loss, LossDescription.unnamed())
          .run();
    } catch (TrainingException e) {
      System.out.println("dil: " + e.getMessage());
      status = 1;
    }
    System.exit(status);
  }

  /** Takes all that a card has left, in pieces down to what its allocator takes at once. */
  private static void fill(int card) {
    JniUtils.emptyCudaCache();
    NDManager manager = NDManager.newBaseManager(Device.gpu(card), "PyTorch");
    for (long mib = 512; mib >= 1; mib /= 2) {
      try {
        for (int pieces = 0; pieces < 1024; pieces++) {
          manager.create(new Shape(mib << 18), DataType.FLOAT32);
        }
      } catch (EngineException full) {
        // On to smaller ones.
      }
    }
  }
}
