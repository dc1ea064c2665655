package io.dil.core.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/** The threads that one operation of torch is spread over. */
public final class TorchThreads {
  private TorchThreads() {}

  /** Returns their number; loads the engine if nothing has yet. */
  public static int count() {
    Engine.getEngine("PyTorch");
    return JniUtils.getNumThreads();
  }
}
