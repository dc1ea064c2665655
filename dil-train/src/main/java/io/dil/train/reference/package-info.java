/** Where the reference's log-probabilities come from. */
@NullMarked
package io.dil.train.reference;

import org.jspecify.annotations.NullMarked;
