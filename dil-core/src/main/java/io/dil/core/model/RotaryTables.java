package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.TorchProgram;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** The tables of a decoder's rotary embeddings: one for all layers that turn alike. */
final class RotaryTables {
  private final ModelSpec spec;
  private final StorageType type;
  private final IdentityHashMap<RotarySpec, RotaryTable> tables = new IdentityHashMap<>();

  /**
   * Makes empty tables.
   *
   * @param manager owns what they grow to
   * @param type the type of the hidden states
   */
  RotaryTables(
      ModelSpec spec, NDManager manager, Kernels kernels, TorchProgram program, StorageType type) {
    this.spec = spec;
    this.type = type;
    for (LayerAttention layer : spec.attention()) {
      tables.computeIfAbsent(
          layer.rotary(), rotary -> new RotaryTable(rotary, manager, kernels, program));
    }
  }

  /**
   * Returns for every layer {@code {cos, sin}}, each (N, r), of tokens at {@code positions} in
   * sequences of {@code lengths}; layers that turn alike share them.
   */
  List<NDArray[]> rows(NDManager owner, long[] positions, long[] lengths) {
    IdentityHashMap<RotarySpec, NDArray[]> made = new IdentityHashMap<>();
    tables.forEach(
        (rotary, table) -> made.put(rotary, table.rows(owner, positions, lengths, type)));
    List<NDArray[]> all = new ArrayList<>();
    for (LayerAttention layer : spec.attention()) {
      all.add(made.getOrDefault(layer.rotary(), new NDArray[0]));
    }
    return all;
  }
}
