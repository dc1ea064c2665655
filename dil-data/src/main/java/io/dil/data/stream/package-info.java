/** From data sources to an ordered, resumable stream of tokenised examples. */
@NullMarked
package io.dil.data.stream;

import org.jspecify.annotations.NullMarked;
