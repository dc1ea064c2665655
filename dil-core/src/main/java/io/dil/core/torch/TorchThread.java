package io.dil.core.torch;

import ai.djl.pytorch.jni.JniUtils;

/** What torch keeps per thread, and must be the same on every thread that computes. */
final class TorchThread {
  private static final ThreadLocal<Boolean> READY = ThreadLocal.withInitial(TorchThread::prepare);

  private TorchThread() {}

  /** Prepares this thread, once. */
  static void ready() {
    READY.get();
  }

  private static boolean prepare() {
    // The profiling executor compiles a graph anew for every new shape; batches differ in shape.
    JniUtils.setGraphExecutorOptimize(false);
    // A thread begins with gradients on; here they are recorded where GradMode says so.
    JniUtils.setGradMode(false);
    return true;
  }
}
