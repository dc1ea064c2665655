package io.dil.core.model;

/** A pass that goes back once, or not at all where it recorded no gradients. */
public abstract class OncePass implements Pass {
  private final boolean train;
  private boolean spent;

  /** Makes a pass that records gradients or does not. */
  protected OncePass(boolean train) {
    this.train = train;
  }

  @Override
  public final void backward(double[] weights) {
    if (!train) {
      throw new IllegalStateException("pass was run without gradients");
    }
    if (spent) {
      throw new IllegalStateException("backward was already called on this pass");
    }
    int responses = scores().length;
    if (weights.length != responses) {
      throw new IllegalArgumentException(
          "weights must have one entry a response, "
              + responses
              + " in all, got "
              + weights.length);
    }
    spent = true;
    push(weights);
  }

  /** Goes back, as {@link #backward} says. */
  protected abstract void push(double[] weights);
}
