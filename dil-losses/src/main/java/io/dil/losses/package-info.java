/**
 * Preference losses as pure functions over sequence log-probabilities.
 *
 * <p>Notation of every formula: s is the log-probability of a response, <em>reduced</em> over its
 * tokens by the loss's {@link io.dil.losses.Reduction} (sum or mean); r = s − s_ref is the
 * log-ratio of policy and reference; ρ = e^r the density ratio; the suffixes _w and _l mark the
 * chosen and the rejected response; σ is the logistic function.
 *
 * <p>Every loss returns one number per example and the trainer takes the mean. The one list is
 * {@link io.dil.losses.Losses}; a loss of one's own needs no list, see {@link
 * io.dil.losses.PairwiseLoss#of}. The package depends on DJL's array interface alone.
 */
@NullMarked
package io.dil.losses;

import org.jspecify.annotations.NullMarked;
