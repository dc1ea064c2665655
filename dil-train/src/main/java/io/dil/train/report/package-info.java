/**
 * What a person sees of a run: one HTML file that opens offline, and a short table in plain text.
 */
@NullMarked
package io.dil.train.report;

import org.jspecify.annotations.NullMarked;
