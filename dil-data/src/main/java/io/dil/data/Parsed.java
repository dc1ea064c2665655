package io.dil.data;

/** What a well-formed row gives: an example, or the reason why it cannot be one. */
public sealed interface Parsed permits Example, Drop {}
