/** Answers of a model to a set of prompts, in a file: what judges and on-policy training read. */
@NullMarked
package io.dil.train.sample;

import org.jspecify.annotations.NullMarked;
