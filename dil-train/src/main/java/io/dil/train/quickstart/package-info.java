/** The quickstart's small language, whose preference is a rule, and the model that speaks it. */
@NullMarked
package io.dil.train.quickstart;

import org.jspecify.annotations.NullMarked;
