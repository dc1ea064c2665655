/** Win rates: which of two answers a judge prefers, and how sure that is. */
@NullMarked
package io.dil.train.judge;

import org.jspecify.annotations.NullMarked;
