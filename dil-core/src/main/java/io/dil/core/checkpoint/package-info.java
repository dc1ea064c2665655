/**
 * Hugging Face model folders, in and out: safetensors files whose every header field is checked
 * before it is used, shards with an index, and the files that travel with a model.
 */
@NullMarked
package io.dil.core.checkpoint;

import org.jspecify.annotations.NullMarked;
