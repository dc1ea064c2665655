/** What a run leaves on disk: metrics, checkpoints that it goes on from, a manifest. */
@NullMarked
package io.dil.train.run;

import org.jspecify.annotations.NullMarked;
