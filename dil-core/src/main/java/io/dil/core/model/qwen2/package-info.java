/** Qwen2 and Qwen2.5. */
@NullMarked
package io.dil.core.model.qwen2;

import org.jspecify.annotations.NullMarked;
