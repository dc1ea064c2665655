/** The command line: one class a command. */
@NullMarked
package io.dil.train.cli;

import org.jspecify.annotations.NullMarked;
