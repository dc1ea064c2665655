/** Causal language models on the JVM: tokens in, log-probabilities and their gradients out. */
@NullMarked
package io.dil.core;

import org.jspecify.annotations.NullMarked;
