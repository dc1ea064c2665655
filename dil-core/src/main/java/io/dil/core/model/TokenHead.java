package io.dil.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.dil.core.torch.GradMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The output projection of a language model: log-probabilities of the scored tokens, summed by
 * response. It needs no graph: its gradient is known (layers.py, head_backward), tile by tile.
 */
final class TokenHead implements PassHead {
  private final PassScope pass;
  private final DecoderLm model;
  private final NDArray hidden;
  private final NDArray targets;
  private final NDArray segments;
  // What each row's log-probability counts, fp32; null where all count alike.
  private final @Nullable NDArray tails;
  private final NDArray terms;
  // Of every row its largest logit, and the sum (M, 1) of exponentials over that.
  private final NDArray largest;
  private final NDArray totals;
  private final double[] logProbs;
  // Of every row three numbers; null where nobody asked.
  private final float @Nullable [] statistics;

  TokenHead(PassScope pass, NDArray hidden) {
    this.pass = pass;
    this.hidden = hidden;
    model = pass.model();
    targets = pass.upload(pass.batch().targets());
    segments = pass.upload(pass.batch().segments());
    tails = tails();
    try (GradMode off = GradMode.off();
        WholeWeights table = model.parts().head()) {
      NDList found =
          model
              .program()
              .call("token_log_probs")
              .with(hidden)
              .with(table.single())
              .with(targets)
              .with(pass.headBytes())
              .run(pass.arrays());
      terms = found.get(0);
      largest = found.get(1);
      totals = found.get(2);
      statistics = pass.options().statistics() ? statistics(table) : null;
    }
    logProbs = sums();
  }

  private float[] statistics(WholeWeights table) {
    try (NDArray found =
        model
            .program()
            .call("token_statistics")
            .with(hidden)
            .with(table.single())
            .with(targets)
            .with(largest)
            .with(totals)
            .with(pass.headBytes())
            .single(pass.arrays())) {
      return model.kernels().floats(found);
    }
  }

  @Override
  public List<TokenStatistics> statistics() {
    float[] all = statistics;
    if (all == null) {
      throw new IllegalStateException("statistics of tokens were not asked for");
    }
    TokenBatch batch = pass.batch();
    TokenStatistics[] sums = new TokenStatistics[batch.responses()];
    Arrays.fill(sums, TokenStatistics.NONE);
    for (int row = 0; row < all.length / 3; row++) {
      int response = (int) batch.segments()[row];
      sums[response] =
          sums[response].plus(
              new TokenStatistics(all[3 * row], all[3 * row + 1], (long) all[3 * row + 2], 1));
    }
    return List.of(sums);
  }

  private @Nullable NDArray tails() {
    double[] weights = pass.batch().tailWeights();
    if (weights.length == 0) {
      return null;
    }
    try (NDArray uploaded = model.kernels().upload(pass.arrays(), weights)) {
      return uploaded.toType(DataType.FLOAT32, true);
    }
  }

  /** Returns numbers of the rows, each times what it counts. */
  private NDArray counted(NDArray rows) {
    return tails == null ? rows : rows.mul(tails);
  }

  private double[] sums() {
    try (GradMode off = GradMode.off();
        NDArray sums =
            model
                .program()
                .call("segment_sums")
                .with(counted(terms))
                .with(segments)
                .with((long) pass.batch().responses())
                .single(pass.arrays())) {
      return model.kernels().doubles(sums);
    }
  }

  @Override
  public double[] scores() {
    return logProbs.clone();
  }

  @Override
  public List<float[]> tokenLogProbs() {
    TokenBatch batch = pass.batch();
    float[] all = model.kernels().floats(terms);
    List<float[]> byResponse = new ArrayList<>();
    int from = 0;
    for (int response = 0; response < batch.responses(); response++) {
      int to = from;
      while (to < all.length && batch.segments()[to] == response) {
        to++;
      }
      byResponse.add(Arrays.copyOfRange(all, from, to));
      from = to;
    }
    return byResponse;
  }

  @Override
  public double[] alignments() {
    TokenBatch batch = pass.batch();
    double[] means = new double[batch.responses()];
    int[] counts = new int[means.length];
    try (GradMode off = GradMode.off();
        WholeWeights table = model.parts().head();
        NDArray squares =
            model
                .program()
                .call("log_square_sums")
                .with(hidden)
                .with(table.single())
                .with(largest)
                .with(totals)
                .with(pass.headBytes())
                .single(pass.arrays())) {
      double[] sums = model.kernels().doubles(squares);
      float[] found = model.kernels().floats(terms);
      for (int i = 0; i < found.length; i++) {
        int response = Math.toIntExact(batch.segments()[i]);
        means[response] += found[i] - sums[i];
        counts[response]++;
      }
    }
    Arrays.setAll(means, response -> means[response] / counts[response]);
    return means;
  }

  @Override
  public NDArray backward(double[] weights, @Nullable NDArray gradient) {
    try (GradMode off = GradMode.off();
        WholeWeights table = model.parts().head()) {
      NDArray spread =
          counted(
              model
                  .program()
                  .call("spread")
                  .with(model.kernels().upload(pass.arrays(), weights))
                  .with(segments)
                  .single(pass.arrays()));
      return model
          .program()
          .call("head_backward")
          .with(hidden)
          .with(table.single())
          .with(targets)
          .with(spread)
          .with(largest)
          .with(totals)
          .with(pass.headBytes())
          .with(pass.orEmpty(gradient))
          .single(pass.arrays());
    }
  }
}
