package io.dil.data.template.jinja;

/**
 * A part of a rendered text.
 *
 * @param from where it begins, in UTF-16 units
 * @param to where it ends, not included
 */
public record Span(int from, int to) {}
