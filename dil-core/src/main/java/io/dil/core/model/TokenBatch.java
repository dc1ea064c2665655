package io.dil.core.model;

import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * Groups laid end to end in one row of N tokens, with no padding.
 *
 * <p>A response's last token predicts nothing that is scored, so it is a target but not an input. A
 * reward model reads it as well, and has one row a response: that of its pooled token. With shared
 * prompts, a prompt stands once, followed by its responses; the later ones attend to the prompt and
 * to themselves, never to each other. Where positions turn by the length of the whole sequence,
 * only responses that agree on it share.
 *
 * @param ids input tokens (N)
 * @param positions their positions in their sequences (N)
 * @param lengths the lengths of their sequences, last tokens included (N)
 * @param groups the groups that they belong to (N)
 * @param parts 0 for a prompt's token, r + 1 for one of response r (N)
 * @param layout runs of attention (S, 4) as {@code layers.py} describes them, row by row
 * @param rows for every scored token, the input that predicts it (M); for a reward model every
 *     response's pooled token (M = R)
 * @param targets the scored tokens (M); none for a reward model
 * @param segments the response that each row belongs to (M)
 * @param tailWeights what each scored token's log-probability counts (M); empty where all count
 *     alike
 * @param responses the number of responses
 */
record TokenBatch(
    long[] ids,
    long[] positions,
    long[] lengths,
    long[] groups,
    long[] parts,
    long[] layout,
    long[] rows,
    long[] targets,
    long[] segments,
    double[] tailWeights,
    int responses) {

  static TokenBatch of(List<TokenGroup> groups, PromptSharing sharing, ModelSpec spec) {
    int vocabSize = spec.vocabSize();
    LongStream.Builder ids = LongStream.builder();
    LongStream.Builder positions = LongStream.builder();
    LongStream.Builder lengths = LongStream.builder();
    LongStream.Builder owners = LongStream.builder();
    LongStream.Builder parts = LongStream.builder();
    LongStream.Builder layout = LongStream.builder();
    LongStream.Builder rows = LongStream.builder();
    LongStream.Builder targets = LongStream.builder();
    LongStream.Builder segments = LongStream.builder();
    DoubleStream.Builder tails = DoubleStream.builder();
    boolean alike = true;
    int at = 0;
    int response = 0;
    for (int g = 0; g < groups.size(); g++) {
      TokenGroup group = groups.get(g);
      group.prompt().requireBelow(vocabSize);
      int promptStart = at;
      int promptSize = group.prompt().size();
      int standing = 0;
      int shared = group.sharedLength();
      alike &= group.tailWeight() == 1;
      for (int r = 0; r < group.responses().size(); r++) {
        Tokens tokens = group.responses().get(r).requireBelow(vocabSize);
        int start = at;
        int length = promptSize + tokens.size();
        int inputs = tokens.size() - (spec.isReward() ? 0 : 1);
        boolean follows =
            standing > 0
                && spec.sharesPrompt(standing, length)
                && sharing.worth(spec, promptSize, inputs);
        if (!follows) {
          promptStart = at;
          standing = length;
          append(group.prompt(), promptSize, 0, ids, positions);
          at += promptSize;
        }
        int responseStart = at;
        append(tokens, inputs, promptSize, ids, positions);
        at += inputs;
        for (int i = start; i < at; i++) {
          lengths.add(length);
          owners.add(g);
          parts.add(i < responseStart ? 0 : r + 1);
        }
        if (at > start) {
          layout.add(start).add(at - start);
          layout.add(follows ? promptStart : 0).add(follows ? promptSize : 0);
        }
        if (spec.isReward()) {
          int pooled = spec.rewardHead().pooled(group.prompt(), tokens);
          int shift = pooled < promptSize ? promptStart : responseStart - promptSize;
          rows.add(shift + pooled);
          segments.add(response);
        }
        int scored = 0;
        for (int i = 0; !spec.isReward() && i < tokens.size(); i++) {
          if (!group.isScored(r, i)) {
            continue;
          }
          rows.add(i == 0 ? promptStart + promptSize - 1 : responseStart + i - 1);
          targets.add(tokens.get(i));
          segments.add(response);
          tails.add(scored < shared ? 1 : group.tailWeight());
          scored++;
        }
        response++;
      }
    }
    return new TokenBatch(
        ids.build().toArray(),
        positions.build().toArray(),
        lengths.build().toArray(),
        owners.build().toArray(),
        parts.build().toArray(),
        layout.build().toArray(),
        rows.build().toArray(),
        targets.build().toArray(),
        segments.build().toArray(),
        alike ? new double[0] : tails.build().toArray(),
        response);
  }

  /** Returns this batch with every sequence behind {@code tokens} others. */
  TokenBatch behind(int tokens) {
    return new TokenBatch(
        ids,
        LongStream.of(positions).map(position -> position + tokens).toArray(),
        LongStream.of(lengths).map(length -> length + tokens).toArray(),
        groups,
        parts,
        layout,
        rows,
        targets,
        segments,
        tailWeights,
        responses);
  }

  private static void append(
      Tokens tokens,
      int count,
      int firstPosition,
      LongStream.Builder ids,
      LongStream.Builder positions) {
    for (int i = 0; i < count; i++) {
      ids.add(tokens.get(i));
      positions.add(firstPosition + i);
    }
  }

  /**
   * Returns where each run's queries begin among the tokens, or with {@code keys} its keys, packed
   * run after run; at the end, how many there are (S + 1).
   */
  int[] offsets(boolean keys) {
    int[] offsets = new int[layout.length / 4 + 1];
    for (int i = 0; i + 1 < offsets.length; i++) {
      long length = layout[4 * i + 1] + (keys ? layout[4 * i + 3] : 0);
      offsets[i + 1] = Math.toIntExact(offsets[i] + length);
    }
    return offsets;
  }
}
