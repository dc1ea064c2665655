/** GPT-NeoX and Pythia. */
@NullMarked
package io.dil.core.model.neox;

import org.jspecify.annotations.NullMarked;
