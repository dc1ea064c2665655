package io.dil.train.objective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.torch.Autograd;
import io.dil.core.torch.GradMode;

/**
 * A place on the host where a loss runs in fp64 with gradients; everything in it goes when it
 * closes.
 */
final class LossScope implements AutoCloseable {
  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  private final GradMode mode = GradMode.on();

  /** Returns an array that takes part without a gradient. */
  NDArray constant(double[] values) {
    return manager.create(values);
  }

  /** Returns an array that a gradient is taken for. */
  NDArray leaf(double[] values) {
    NDArray leaf = manager.create(values);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  /** Returns the gradients of the sum of {@code losses}. */
  double[][] gradients(NDArray losses, NDArray... leaves) {
    NDArray[] arrays = Autograd.gradients(losses.sum(), leaves);
    double[][] gradients = new double[arrays.length][];
    for (int i = 0; i < arrays.length; i++) {
      gradients[i] = arrays[i].toDoubleArray();
    }
    return gradients;
  }

  @Override
  public void close() {
    mode.close();
    manager.close();
  }
}
