/** To be described with its first class. */
@NullMarked
package io.dil.losses;

import org.jspecify.annotations.NullMarked;
