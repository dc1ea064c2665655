/**
 * What ranks, each with a device of its own, do together: sums, parts and copies of arrays that all
 * of them hold.
 */
@NullMarked
package io.dil.core.collective;

import org.jspecify.annotations.NullMarked;
