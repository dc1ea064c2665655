package io.dil.train.judge;

/**
 * Two answers to one prompt.
 *
 * @param id the row's id
 * @param prompt what both answer, as text
 * @param a the first side's answer
 * @param b the second side's answer
 */
public record Comparison(String id, String prompt, String a, String b) {}
