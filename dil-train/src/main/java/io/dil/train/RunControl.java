package io.dil.train;

/**
 * What a listener can ask of a run that goes on. All methods may be called on any thread, and
 * return at once: what was asked is done when the step that the run is in is over, or, of a call
 * from within {@link TrainingListener#stepped} and {@link TrainingListener#evaluated}, after that
 * very step. After the run they do nothing.
 *
 * <p>A checkpoint knows the rate and an early end; what else a listener remembers is its own to
 * keep.
 */
public final class RunControl {
  private final Runnable stop;
  private boolean save;
  private boolean evaluate;
  private String end = "";
  private double factor = 1;

  /**
   * Makes what a listener is given; a run makes its own.
   *
   * @param stop asks the run to stop
   */
  public RunControl(Runnable stop) {
    this.stop = stop;
  }

  /** Asks for a checkpoint, to go on from later: {@link TrainingRun.Outcome#STOPPED}. */
  public void stop() {
    stop.run();
  }

  /**
   * Asks that no further step is taken and the model is written, as if it had been the last one:
   * {@link TrainingRun.Outcome#FINISHED}.
   *
   * @param reason what card, manifest and report say of it
   * @throws IllegalArgumentException if it is blank
   */
  public synchronized void end(String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("the reason must say something, got '" + reason + "'");
    }
    end = reason;
  }

  /** Asks for a checkpoint, after which the run goes on. */
  public synchronized void save() {
    save = true;
  }

  /** Asks for an evaluation, where the run has something to evaluate on. */
  public synchronized void evaluate() {
    evaluate = true;
  }

  /**
   * Multiplies the schedule's rate, of this and all former calls together, from the next step on.
   *
   * @param by what to multiply it by; finite and not below 0
   * @throws IllegalArgumentException if it is not
   */
  public synchronized void scaleRate(double by) {
    if (!Double.isFinite(by) || by < 0) {
      throw new IllegalArgumentException("a rate is scaled by a finite number >= 0, got " + by);
    }
    factor *= by;
  }

  synchronized boolean takeSave() {
    boolean asked = save;
    save = false;
    return asked;
  }

  synchronized boolean takeEvaluate() {
    boolean asked = evaluate;
    evaluate = false;
    return asked;
  }

  synchronized String takeEnd() {
    String reason = end;
    end = "";
    return reason;
  }

  synchronized double takeFactor() {
    double by = factor;
    factor = 1;
    return by;
  }
}
