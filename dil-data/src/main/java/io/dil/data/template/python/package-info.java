/**
 * The part of Python's data model that a Jinja template works with.
 *
 * <p>Text is {@link java.lang.String}, counted in code points; whole numbers are {@link
 * java.lang.Long} where they fit and {@link java.math.BigInteger} beyond; fractions are {@link
 * java.lang.Double}; the rest has classes here. No other Java object is ever a value.
 */
@NullMarked
package io.dil.data.template.python;

import org.jspecify.annotations.NullMarked;
