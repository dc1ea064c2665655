/**
 * Causal language models. A family is a package with its configuration's reader and a TorchScript
 * program that reads like the model's definition; {@link io.dil.core.model.Architectures} lists
 * them.
 */
@NullMarked
package io.dil.core.model;

import org.jspecify.annotations.NullMarked;
