/** To be described with its first class. */
@NullMarked
package io.dil.data;

import org.jspecify.annotations.NullMarked;
