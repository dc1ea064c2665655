package io.dil.train;

import java.util.Map;

/**
 * What a run reads and computes with.
 *
 * @param inputs hashes of contents, see {@link RunInputs}
 * @param environment see {@link RunEnvironment}
 * @param loss values of the loss, see {@link LossProbe}
 * @param context the longest sequence that the model was made for; 0 where it does not say
 */
record RunIdentity(
    Map<String, String> inputs, Map<String, String> environment, String loss, int context) {}
