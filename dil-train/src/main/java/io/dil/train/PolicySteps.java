package io.dil.train;

import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.PromptStream;
import io.dil.train.policy.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pairs of the policy's own answers, a pool for every so many steps. */
final class PolicySteps implements StepSource {
  private final Pool pool;
  private final PromptStream prompts;
  private final int size;
  private final int least;
  private final int refresh;
  private final List<TokenizedExample> pending;
  private DataPosition position;
  private Map<String, Double> metrics = Map.of();

  /**
   * Goes on with what a checkpoint has.
   *
   * @param prompts is closed with this
   * @param pending pairs that were sampled before it and not trained on yet
   * @param size pairs of a step
   * @param least pairs that a step must have
   * @param refresh steps of a pool
   */
  PolicySteps(
      Pool pool,
      PromptStream prompts,
      DataPosition position,
      List<TokenizedExample> pending,
      int size,
      int least,
      int refresh) {
    this.pool = pool;
    this.prompts = prompts;
    this.position = position;
    this.pending = new ArrayList<>(pending);
    this.size = size;
    this.least = least;
    this.refresh = refresh;
  }

  @Override
  public List<TokenizedExample> next() {
    metrics = Map.of();
    if (pending.isEmpty()) {
      Pool.Drawn drawn =
          pool.draw(prompts, size * refresh, least).orElseThrow(Stopping.Stopped::new);
      pending.addAll(drawn.pairs());
      position = drawn.position();
      metrics = drawn.metrics();
    }
    int count = Math.min(size, pending.size());
    if (pending.size() - count < least) {
      // A rest that is too small for a step joins this one.
      count = pending.size();
    }
    List<TokenizedExample> step = List.copyOf(pending.subList(0, count));
    pending.subList(0, count).clear();
    return step;
  }

  @Override
  public DataPosition position() {
    return position;
  }

  @Override
  public List<TokenizedExample> pending() {
    return List.copyOf(pending);
  }

  @Override
  public Map<String, Double> metrics() {
    return metrics;
  }

  @Override
  public void close() {
    prompts.close();
  }
}
