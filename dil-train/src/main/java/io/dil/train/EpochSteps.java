package io.dil.train;

import io.dil.data.TokenizedExample;
import io.dil.data.stream.DataPosition;
import io.dil.data.stream.ExampleStream;
import java.util.List;

/** Examples of the data, epoch after epoch. */
final class EpochSteps implements StepSource {
  private final RunData data;
  private final int size;
  private final boolean joins;
  private ExampleStream stream;
  private StepBatches batches;
  private boolean any;

  /**
   * Opens the data.
   *
   * @param size examples of a step
   * @param joins see {@link StepBatches}
   */
  EpochSteps(RunData data, DataPosition position, int size, boolean joins) {
    this.data = data;
    this.size = size;
    this.joins = joins;
    stream = data.train(position);
    batches = new StepBatches(stream, size, joins);
    any = position.rows() > 0;
  }

  @Override
  public List<TokenizedExample> next() {
    while (true) {
      List<TokenizedExample> batch = batches.next();
      if (!batch.isEmpty()) {
        any = true;
        return batch;
      }
      DataPosition at = stream.position();
      if (!any) {
        throw RunData.noExample(
            "training data must give at least one example per epoch", at.dropped());
      }
      // A batch never spans two epochs, so that every epoch is the same number of steps.
      stream.close();
      stream =
          data.train(
              new DataPosition(at.contentHash(), at.epoch() + 1, 0, at.examples(), at.dropped()));
      batches = new StepBatches(stream, size, joins);
      any = false;
    }
  }

  @Override
  public DataPosition position() {
    return batches.position();
  }

  @Override
  public void close() {
    stream.close();
  }
}
