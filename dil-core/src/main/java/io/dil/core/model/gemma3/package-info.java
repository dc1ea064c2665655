/** Gemma 3, text only. */
@NullMarked
package io.dil.core.model.gemma3;

import org.jspecify.annotations.NullMarked;
