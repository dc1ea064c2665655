/** On-policy training: the policy's own answers, rewarded and paired as a run goes. */
@NullMarked
package io.dil.train.policy;

import org.jspecify.annotations.NullMarked;
