package io.dil.data;

/**
 * Two responses to one prompt, of which people (or a judge) prefer the first.
 *
 * @param id the data set's own id, or {@code file:line}
 * @param prompt what both answer
 * @param chosen the preferred response
 * @param rejected the other one
 */
public record PreferencePair(String id, Prompt prompt, String chosen, String rejected)
    implements Example {}
