/**
 * What a Jinja template can call: the one list each of filters, tests, functions and methods.
 *
 * <p>A name that Jinja knows and these lists do not is refused by its name.
 */
@NullMarked
package io.dil.data.template.library;

import org.jspecify.annotations.NullMarked;
