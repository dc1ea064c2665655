/** Settings of a run: one line a key, with its default and where that comes from. */
@NullMarked
package io.dil.train.config;

import org.jspecify.annotations.NullMarked;
