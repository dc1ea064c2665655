package io.dil.data;

/**
 * One response to learn from directly (SFT).
 *
 * @param id the data set's own id, or {@code file:line}
 * @param prompt what it answers; {@link Prompt#NONE} for plain text
 * @param response the response
 */
public record Demonstration(String id, Prompt prompt, String response) implements Example {}
