package io.dil.core.torch;

import ai.djl.pytorch.jni.JniUtils;

/**
 * Switches the recording of gradients on this thread, and back when it closes.
 *
 * <p>DJL's own collector is one to a process; the mode it sets is one to a thread, and that is all
 * that a program needs.
 */
public final class GradMode implements AutoCloseable {
  private final boolean before;

  private GradMode(boolean enabled) {
    TorchThread.ready();
    before = JniUtils.isGradMode();
    JniUtils.setGradMode(enabled);
  }

  /** Records gradients until it is closed. */
  public static GradMode on() {
    return new GradMode(true);
  }

  /** Records none until it is closed. */
  public static GradMode off() {
    return new GradMode(false);
  }

  @Override
  public void close() {
    JniUtils.setGradMode(before);
  }
}
