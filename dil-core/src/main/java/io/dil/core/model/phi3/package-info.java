/** Phi-3. */
@NullMarked
package io.dil.core.model.phi3;

import org.jspecify.annotations.NullMarked;
