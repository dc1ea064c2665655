/** What is minimised: losses of {@code io.dil.losses} applied to the scores of a batch. */
@NullMarked
package io.dil.train.objective;

import org.jspecify.annotations.NullMarked;
