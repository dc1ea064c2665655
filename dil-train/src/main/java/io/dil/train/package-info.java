/**
 * Training: the step, the loop around it, and what it leaves behind.
 *
 * <p>{@link io.dil.train.Trainer} is one optimiser step, {@link io.dil.train.TrainingRun} a whole
 * run.
 */
@NullMarked
package io.dil.train;

import org.jspecify.annotations.NullMarked;
