package io.dil.train.policy;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A part of a sampling, as an event of Java's flight recorder: where a round's time goes can be
 * seen in any run that is recorded. What is left of a round is its steps.
 */
@Name("io.dil.OnPolicy")
@Label("Part of a sampling")
@Category("dil")
@Description("Answers that are drawn, rewarded, or compared with the reference")
@Enabled(false)
@StackTrace(false)
final class PoolPart extends Event {
  @Label("Part")
  @Description("sampling, rewards or divergence")
  String part = "";

  private PoolPart() {}

  /** Begins a part. */
  static PoolPart begin(String part) {
    PoolPart event = new PoolPart();
    event.part = part;
    event.begin();
    return event;
  }
}
