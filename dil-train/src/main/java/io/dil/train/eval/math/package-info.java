/** Answers of the MATH benchmark: where they stand in a text, and when two are the same. */
@NullMarked
package io.dil.train.eval.math;

import org.jspecify.annotations.NullMarked;
