/** What {@code docs/gpu-acceptance/accept.sh} runs on a machine with a card. */
@NullMarked
package io.dil.examples.acceptance;

import org.jspecify.annotations.NullMarked;
