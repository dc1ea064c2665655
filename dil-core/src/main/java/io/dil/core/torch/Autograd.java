package io.dil.core.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** Gradients of a scalar by reverse differentiation. */
public final class Autograd {
  private Autograd() {}

  /**
   * Returns the gradient of {@code scalar} with respect to every leaf, in the same order.
   *
   * <p>The graph behind {@code scalar} must have been recorded under {@link GradMode#on()} and is
   * used up by the call. A leaf that {@code scalar} does not depend on has gradient 0.
   *
   * @param scalar an array with one element
   * @param leaves arrays made by {@code setRequiresGradient(true)}
   * @return arrays of the shapes of the leaves, owned by the leaves' managers
   */
  public static NDArray[] gradients(NDArray scalar, NDArray... leaves) {
    try (PtNDArray one = (PtNDArray) scalar.onesLike()) {
      JniUtils.backward((PtNDArray) scalar, one, false, false);
    }
    NDArray[] gradients = new NDArray[leaves.length];
    for (int i = 0; i < leaves.length; i++) {
      gradients[i] = leaves[i].getGradient();
    }
    return gradients;
  }
}
