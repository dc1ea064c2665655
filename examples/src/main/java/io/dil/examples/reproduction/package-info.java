/** The experiments of docs/reproduction that need no model. */
@NullMarked
package io.dil.examples.reproduction;

import org.jspecify.annotations.NullMarked;
