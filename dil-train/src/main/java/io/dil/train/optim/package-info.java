/** The optimiser: AdamW with its state in the open, clipping by the global norm, schedules. */
@NullMarked
package io.dil.train.optim;

import org.jspecify.annotations.NullMarked;
