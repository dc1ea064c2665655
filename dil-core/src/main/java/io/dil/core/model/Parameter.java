package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.StorageType;

/**
 * A weight that is trained.
 *
 * @param name its name in the checkpoint
 * @param value what the model computes with
 * @param master what the optimiser updates: an fp32 copy of {@code value}, or {@code value} itself
 * @param type the type of {@code master}, in which the optimiser keeps its moments
 * @param gradient the fp32 sum of gradients since it was last set to zero
 */
public record Parameter(
    String name, NDArray value, NDArray master, StorageType type, NDArray gradient) {}
