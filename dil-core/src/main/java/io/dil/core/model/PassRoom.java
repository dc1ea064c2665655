package io.dil.core.model;

import io.dil.core.torch.FreeMemory;

/**
 * Half of the memory that was free when the first pass of a model ran: what an allocator holds
 * later says nothing of that.
 */
final class PassRoom {
  private long bytes = -1;

  /** Returns whether the activations of a pass fit. */
  boolean fits(DecoderLm model, TokenBatch batch, ComputeOptions options) {
    if (bytes < 0) {
      bytes = FreeMemory.bytes(model.manager().getDevice());
    }
    PassMemory memory =
        PassMemory.of(
            model.spec(),
            model.precision(),
            options,
            false,
            batch.ids().length,
            batch.rows().length,
            model.changes().isEmpty(),
            model.sharding().ofState());
    return memory.peak() <= bytes / 2;
  }
}
