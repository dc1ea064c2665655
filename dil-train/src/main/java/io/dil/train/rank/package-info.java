/** The devices that share a run: a thread for each, which all work at once. */
@NullMarked
package io.dil.train.rank;

import org.jspecify.annotations.NullMarked;
