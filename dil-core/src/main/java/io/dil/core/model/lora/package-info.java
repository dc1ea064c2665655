/** Low-rank adapters: which linears they change, where they begin, and PEFT's files of them. */
@NullMarked
package io.dil.core.model.lora;

import org.jspecify.annotations.NullMarked;
