/** To be described with its first class. */
@NullMarked
package io.dil.train;

import org.jspecify.annotations.NullMarked;
