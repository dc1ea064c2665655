package io.dil.data;

/** What tokenising an example gives: token ids, or the reason why it is left out. */
public sealed interface Tokenized permits TokenizedExample, Drop {}
