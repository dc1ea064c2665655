package io.dil.train;

import ai.djl.Device;
import io.dil.core.model.CausalLm;
import io.dil.core.model.DecoderLm;
import io.dil.core.model.Precision;
import io.dil.core.model.lora.AdapterFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A model, and the base that it shares where it has an adapter.
 *
 * @param base the base; {@code model} itself without an adapter
 * @param model what is run
 */
public record LoadedModel(CausalLm base, CausalLm model) implements AutoCloseable {
  /**
   * Loads a language model, with its adapter if it has one.
   *
   * @param adapter the adapter's folder; null where there is none
   * @param compare whether its numbers are to be compared with those of other tools
   */
  public static LoadedModel load(
      StoredModel stored,
      @Nullable Path adapter,
      Device device,
      Precision precision,
      boolean compare) {
    if (adapter == null) {
      CausalLm alone = stored.load(device, precision, compare);
      return new LoadedModel(alone, alone);
    }
    return adapted(stored.family("an adapter", device, precision, compare), adapter);
  }

  /** Puts an adapter on a base, which is closed if that fails. */
  public static LoadedModel adapted(DecoderLm base, Path adapter) {
    try {
      return new LoadedModel(base, AdapterFolder.read(adapter, base).on(base));
    } catch (RuntimeException e) {
      base.close();
      throw e;
    }
  }

  @Override
  public void close() {
    if (model != base) {
      model.close();
    }
    base.close();
  }
}
