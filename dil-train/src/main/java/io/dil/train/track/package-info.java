/** What a run tells to trackers of experiments: TensorBoard's event files and MLflow's server. */
@NullMarked
package io.dil.train.track;

import org.jspecify.annotations.NullMarked;
