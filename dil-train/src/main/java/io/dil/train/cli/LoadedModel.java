package io.dil.train.cli;

import io.dil.core.model.CausalLm;

/**
 * A model, and the base that it shares where it has an adapter.
 *
 * @param base the base; {@code model} itself without an adapter
 * @param model what a command runs
 */
record LoadedModel(CausalLm base, CausalLm model) implements AutoCloseable {
  @Override
  public void close() {
    if (model != base) {
      model.close();
    }
    base.close();
  }
}
