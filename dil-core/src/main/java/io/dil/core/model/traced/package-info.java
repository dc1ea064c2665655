/** Models of no known family, which somebody exported as TorchScript. */
@NullMarked
package io.dil.core.model.traced;

import org.jspecify.annotations.NullMarked;
