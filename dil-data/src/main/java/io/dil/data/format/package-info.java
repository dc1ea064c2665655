/** Row formats: the layouts in which preference data is published, and the one list of them. */
@NullMarked
package io.dil.data.format;

import org.jspecify.annotations.NullMarked;
