package io.dil.core.model;

import ai.djl.ndarray.NDArray;

/**
 * A weight that is trained.
 *
 * @param name its name in the checkpoint
 * @param value what the model computes with
 * @param master the fp32 value that the optimiser updates; {@code value} itself in fp32
 * @param gradient the fp32 sum of gradients since it was last set to zero
 */
public record Parameter(String name, NDArray value, NDArray master, NDArray gradient) {}
