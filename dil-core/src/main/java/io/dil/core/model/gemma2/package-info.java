/** Gemma 2. */
@NullMarked
package io.dil.core.model.gemma2;

import org.jspecify.annotations.NullMarked;
