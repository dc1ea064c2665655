/** Llama and the models that share its definition. */
@NullMarked
package io.dil.core.model.llama;

import org.jspecify.annotations.NullMarked;
