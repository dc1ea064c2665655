/**
 * Preference data: what an example is, before and after tokenisation, and why one is dropped.
 *
 * <p>A row of a file becomes an {@link io.dil.data.Example} ({@code io.dil.data.format});
 * tokenised, an {@link io.dil.data.TokenizedExample} ({@code io.dil.data.token}); the two meet in
 * {@code io.dil.data.stream}.
 */
@NullMarked
package io.dil.data;

import org.jspecify.annotations.NullMarked;
