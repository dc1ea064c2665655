/** What a run will need, counted before it begins. */
@NullMarked
package io.dil.train.plan;

import org.jspecify.annotations.NullMarked;
