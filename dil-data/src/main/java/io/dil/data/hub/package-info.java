/** The Hugging Face hub: files fetched into the cache that the Python tools share. */
@NullMarked
package io.dil.data.hub;

import org.jspecify.annotations.NullMarked;
