/** Qwen3. */
@NullMarked
package io.dil.core.model.qwen3;

import org.jspecify.annotations.NullMarked;
