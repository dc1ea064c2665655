package io.dil.train.eval;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.DecoderLm;
import io.dil.data.token.ContinuationTokenizer.Encoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scores the continuations of contexts, several contexts at once, each of them computed once, and
 * the start that they share once for all.
 */
final class ChoiceScorer implements AutoCloseable {
  private final CausalLm model;
  private final ComputeOptions options;
  private final int maxLength;
  private final Tokens prefix;
  // Scores what follows the prefix; null where there is none, or the model cannot stand behind one.
  private final @Nullable DecoderLm behind;

  ChoiceScorer(CausalLm model, int maxLength, Tokens prefix) {
    this.model = model;
    this.maxLength = maxLength;
    this.prefix = prefix;
    options = ComputeOptions.on(model.manager().getDevice());
    behind =
        !prefix.isEmpty() && model instanceof DecoderLm decoder && decoder.canStandBehind()
            ? decoder.behind(prefix)
            : null;
  }

  private boolean isBehind(Tokens context) {
    return behind != null && context.size() > prefix.size() && context.startsWith(prefix);
  }

  /** Returns the tokens that a request takes. */
  long tokens(Encoded request) {
    long all = Math.min(maxLength, request.context().size());
    if (!cuts(request) && isBehind(request.context())) {
      all -= prefix.size();
    }
    for (Tokens continuation : request.continuations()) {
      all += continuation.size();
    }
    return all;
  }

  /** Returns whether a request's context must lose its start. */
  boolean cuts(Encoded request) {
    return request.continuations().stream().anyMatch(one -> cut(request, one) > 0);
  }

  /**
   * Of a sequence the model reads all but the last token, so maxLength + 1 of them count; what is
   * before them is cut.
   */
  private int cut(Encoded request, Tokens continuation) {
    if (continuation.size() > maxLength) {
      throw new InputException(
          "choice must have at most the model's "
              + maxLength
              + " tokens, got "
              + continuation.size());
    }
    return Math.max(0, request.context().size() + continuation.size() - maxLength - 1);
  }

  /** Returns log-probabilities: one list a request, one number a continuation. */
  List<List<Double>> score(List<Encoded> requests) {
    List<TokenGroup> groups = new ArrayList<>();
    List<List<int[]>> places = new ArrayList<>();
    for (Encoded request : requests) {
      // Continuations of different lengths may leave different contexts.
      Map<Integer, List<Integer>> byCut = new LinkedHashMap<>();
      for (int i = 0; i < request.continuations().size(); i++) {
        int cut = cut(request, request.continuations().get(i));
        byCut.computeIfAbsent(cut, none -> new ArrayList<>()).add(i);
      }
      List<int[]> own = new ArrayList<>();
      byCut.forEach(
          (cut, members) -> {
            Tokens context = request.context().slice(cut, request.context().size());
            groups.add(
                new TokenGroup(
                    context, members.stream().map(i -> request.continuations().get(i)).toList()));
            own.add(members.stream().mapToInt(Integer::intValue).toArray());
          });
      places.add(own);
    }
    double[][] scores = scores(groups);
    List<List<Double>> all = new ArrayList<>();
    int group = 0;
    for (int r = 0; r < requests.size(); r++) {
      Double[] own = new Double[requests.get(r).continuations().size()];
      for (int[] members : places.get(r)) {
        for (int i = 0; i < members.length; i++) {
          own[members[i]] = scores[group][i];
        }
        group++;
      }
      all.add(List.of(own));
    }
    return all;
  }

  /** Returns every group's scores: those behind the prefix in one pass, the rest in another. */
  private double[][] scores(List<TokenGroup> groups) {
    double[][] all = new double[groups.size()][];
    List<TokenGroup> rests = new ArrayList<>();
    List<TokenGroup> wholes = new ArrayList<>();
    for (TokenGroup group : groups) {
      Tokens context = group.prompt();
      if (isBehind(context)) {
        rests.add(new TokenGroup(context.slice(prefix.size(), context.size()), group.responses()));
      } else {
        wholes.add(group);
      }
    }
    double[] behindScores =
        rests.isEmpty() || behind == null ? new double[0] : behind.score(rests, options);
    double[] wholeScores = wholes.isEmpty() ? new double[0] : model.score(wholes, options);
    int atBehind = 0;
    int atWhole = 0;
    for (int g = 0; g < all.length; g++) {
      int count = groups.get(g).responses().size();
      if (isBehind(groups.get(g).prompt())) {
        all[g] = Arrays.copyOfRange(behindScores, atBehind, atBehind + count);
        atBehind += count;
      } else {
        all[g] = Arrays.copyOfRange(wholeScores, atWhole, atWhole + count);
        atWhole += count;
      }
    }
    return all;
  }

  @Override
  public void close() {
    if (behind != null) {
      behind.close();
    }
  }
}
