package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import io.dil.core.checkpoint.StorageType;
import java.util.List;

/**
 * A weight that is trained. Where ranks hold a model together, {@code master} and {@code gradient}
 * are this rank's rows.
 *
 * @param name its name in the checkpoint
 * @param shape its whole shape
 * @param value what the model computes with
 * @param master what the optimiser updates: an fp32 copy of {@code value}, or its own memory
 * @param type the type of {@code master}, in which the optimiser keeps its moments
 * @param copied whether {@code master} is a copy, which a checkpoint holds beside the weight
 * @param gradient the sum of gradients since it was last set to zero
 */
public record Parameter(
    String name,
    List<Long> shape,
    NDArray value,
    NDArray master,
    StorageType type,
    boolean copied,
    NDArray gradient) {}
