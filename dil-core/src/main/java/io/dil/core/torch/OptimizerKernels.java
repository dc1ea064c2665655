package io.dil.core.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * Steps of optimisers beside AdamW, on fp32 arrays of one device, in place and without recording
 * gradients; operations in the order of the reference implementations.
 */
public final class OptimizerKernels implements AutoCloseable {
  private final NDManager manager;
  private final TorchProgram program;

  /** Compiles the kernels for the device of {@code owner}. */
  public OptimizerKernels(NDManager owner) {
    manager = owner.newSubManager();
    program =
        TorchProgram.compile(
            manager,
            TorchProgram.resource(OptimizerKernels.class, "optimizers.py"),
            Map.of("training", false));
  }

  /**
   * One step of {@code torch.optim.SGD}: g ← g + λp; b ← μb + g; p ← p − lr·b, or p ← p − lr(g +
   * μb) with Nesterov's momentum.
   *
   * @param buffer b, of the shape of {@code p}; not touched where μ is 0
   */
  public void sgd(
      NDArray p,
      NDArray g,
      NDArray buffer,
      double learningRate,
      double momentum,
      boolean nesterov,
      double decay) {
    program
        .call("sgd")
        .with(p)
        .with(g)
        .with(buffer)
        .with(learningRate)
        .with(momentum)
        .with(nesterov ? 1.0 : 0.0)
        .with(decay)
        .run();
  }

  /** One step of Lion: p ← p(1 − lr·λ) − lr·sign(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g. */
  public void lion(
      NDArray p,
      NDArray g,
      NDArray m,
      double learningRate,
      double beta1,
      double beta2,
      double decay) {
    program
        .call("lion")
        .with(p)
        .with(g)
        .with(m)
        .with(learningRate)
        .with(beta1)
        .with(beta2)
        .with(decay)
        .run();
  }

  /**
   * One step of Muon on a matrix: m ← βm + (1−β)g; u = m, or (1−β)g + βm with Nesterov's look
   * ahead; p ← p(1 − lr·λ) − lr·s·NS(u).
   *
   * @param rounds of the iteration NS
   * @param scale s
   */
  public void muon(
      NDArray p,
      NDArray g,
      NDArray m,
      double learningRate,
      double momentum,
      boolean nesterov,
      int rounds,
      double scale,
      double decay) {
    program
        .call("muon")
        .with(p)
        .with(g)
        .with(m)
        .with(learningRate)
        .with(momentum)
        .with(nesterov ? 1.0 : 0.0)
        .with((long) rounds)
        .with(scale)
        .with(decay)
        .run();
  }

  /**
   * Returns Adafactor's update of a matrix, g/√v with v from the running means of the squares of
   * each row and column, which it updates.
   */
  public NDArray adafactorFactored(
      NDManager owner, NDArray g, NDArray rows, NDArray columns, double beta2, double epsilon) {
    return program
        .call("adafactor_factored")
        .with(g)
        .with(rows)
        .with(columns)
        .with(beta2)
        .with(epsilon)
        .single(owner);
  }

  /** Returns Adafactor's update of a vector, g/√v with the running mean v, which it updates. */
  public NDArray adafactorWhole(
      NDManager owner, NDArray g, NDArray squares, double beta2, double epsilon) {
    return program
        .call("adafactor_whole")
        .with(g)
        .with(squares)
        .with(beta2)
        .with(epsilon)
        .single(owner);
  }

  /**
   * Applies Adafactor's update u: u ← u / max(1, rms(u)/d), times the rate, which {@code scaled}
   * multiplies by max(ε₂, rms(p)); with a first moment, u is its running mean.
   *
   * @param m the first moment; not touched where {@code beta1} is negative, which is none
   * @param clip d
   */
  public void adafactorApply(
      NDArray p,
      NDArray update,
      NDArray m,
      double learningRate,
      double clip,
      double beta1,
      double decay,
      boolean scaled,
      double epsilon) {
    program
        .call("adafactor_apply")
        .with(p)
        .with(update)
        .with(m)
        .with(learningRate)
        .with(clip)
        .with(beta1)
        .with(decay)
        .with(scaled ? 1.0 : 0.0)
        .with(epsilon)
        .run();
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
