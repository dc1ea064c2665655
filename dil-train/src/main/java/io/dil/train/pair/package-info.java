/** Preference pairs from a model's own answers and their rewards. */
@NullMarked
package io.dil.train.pair;

import org.jspecify.annotations.NullMarked;
