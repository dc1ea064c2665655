package io.dil.core.torch;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * One call of a program, as an event of Java's flight recorder: where a step's time goes can be
 * seen in any run that is recorded. On a GPU it ends when the work is queued, not when it is done.
 */
@Name(TorchCall.NAME)
@Label("Program call")
@Category("dil")
@Description("One call of a TorchScript program")
@Enabled(false)
@StackTrace(false)
public final class TorchCall extends Event {
  /** The event's name in a recording. */
  public static final String NAME = "io.dil.TorchCall";

  @Label("Method")
  String method = "";

  @Label("Program")
  @Description("A number that the calls of one program share")
  int program;

  @Label("Gradients")
  @Description("Whether gradients were recorded")
  boolean gradients;
}
