package io.dil.train.judge;

/** Spaces requests out so that no more start in a minute than a server allows. */
final class Pacer {
  private static final double NANOS_PER_MINUTE = 60e9;

  private final double requestsPerMinute;
  private final double tokensPerMinute;
  private long nextStart = System.nanoTime();
  private long pausedUntil = nextStart;

  /**
   * Makes a pacer.
   *
   * @param requestsPerMinute requests in a minute; 0 for any number
   * @param tokensPerMinute tokens of prompts and answers in a minute; 0 for any number
   */
  Pacer(double requestsPerMinute, double tokensPerMinute) {
    this.requestsPerMinute = requestsPerMinute;
    this.tokensPerMinute = tokensPerMinute;
  }

  /** Waits until a request of about so many tokens may start. */
  void await(long tokens) throws InterruptedException {
    long start;
    synchronized (this) {
      start = Math.max(System.nanoTime(), Math.max(nextStart, pausedUntil));
      double own = requestsPerMinute > 0 ? NANOS_PER_MINUTE / requestsPerMinute : 0;
      double size = tokensPerMinute > 0 ? NANOS_PER_MINUTE * tokens / tokensPerMinute : 0;
      nextStart = start + (long) Math.max(own, size);
    }
    sleep(start - System.nanoTime());
  }

  /** Lets no request start for a while: the server has asked for it. */
  synchronized void pause(long millis) {
    pausedUntil = Math.max(pausedUntil, System.nanoTime() + millis * 1_000_000);
  }

  static void sleep(long nanos) throws InterruptedException {
    if (nanos > 0) {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    }
  }
}
