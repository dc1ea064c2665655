/**
 * An interpreter for Jinja as chat templates use it: jinja2's immutable sandbox with the settings
 * and additions of transformers.
 *
 * <p>Text goes through {@link io.dil.data.template.jinja.Lexer} and {@code Parser} into a tree of
 * {@code Expression}s and {@code Statement}s, which render themselves in a {@code Scope}.
 */
@NullMarked
package io.dil.data.template.jinja;

import org.jspecify.annotations.NullMarked;
