/** Mistral. */
@NullMarked
package io.dil.core.model.mistral;

import org.jspecify.annotations.NullMarked;
