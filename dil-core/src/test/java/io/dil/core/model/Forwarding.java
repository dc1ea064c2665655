package io.dil.core.model;

import ai.djl.ndarray.NDManager;
import io.dil.core.TokenGroup;
import io.dil.core.torch.Kernels;
import java.util.List;

/** A model that another does the work of. */
class Forwarding implements CausalLm {
  private final CausalLm inner;

  Forwarding(CausalLm inner) {
    this.inner = inner;
  }

  @Override
  public int vocabSize() {
    return inner.vocabSize();
  }

  @Override
  public NDManager manager() {
    return inner.manager();
  }

  @Override
  public Kernels kernels() {
    return inner.kernels();
  }

  @Override
  public Pass inference(List<TokenGroup> groups, ComputeOptions options) {
    return inner.inference(groups, options);
  }

  @Override
  public Pass forward(List<TokenGroup> groups, ComputeOptions options) {
    return inner.forward(groups, options);
  }

  @Override
  public void refresh() {
    inner.refresh();
  }

  @Override
  public void accompany(boolean backward) {
    inner.accompany(backward);
  }

  @Override
  public List<Parameter> parameters() {
    return inner.parameters();
  }

  @Override
  public DecodingSession decode(int sequences, int maxLength) {
    return inner.decode(sequences, maxLength);
  }

  @Override
  public void close() {
    inner.close();
  }
}
