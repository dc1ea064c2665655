/** Programs that a reader copies from. */
@NullMarked
package io.dil.examples;

import org.jspecify.annotations.NullMarked;
