package io.dil.data;

/**
 * One response with a thumb up or down, as KTO takes it.
 *
 * @param id the data set's own id, or {@code file:line}
 * @param prompt what it answers
 * @param response the response
 * @param desirable whether it was liked
 */
public record LabelledResponse(String id, Prompt prompt, String response, boolean desirable)
    implements Example {}
