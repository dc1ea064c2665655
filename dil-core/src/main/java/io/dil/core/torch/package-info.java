/**
 * The engine room: TorchScript programs, mapped weights and fused kernels, run through DJL.
 *
 * <p>This is the only package that knows of IValues, archives and dtype codes. TorchScript is in
 * maintenance upstream, so everything outside speaks of models and arrays, and another back end
 * could take this package's place.
 */
@NullMarked
package io.dil.core.torch;

import org.jspecify.annotations.NullMarked;
