/**
 * From text to token ids: the model's own tokenizer, its special tokens and the prompt boundary.
 */
@NullMarked
package io.dil.data.token;

import org.jspecify.annotations.NullMarked;
