package io.dil.train.eval;

import io.dil.core.InputException;
import io.dil.core.TokenGroup;
import io.dil.core.Tokens;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.data.token.ContinuationTokenizer.Encoded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Scores the continuations of contexts, several contexts at once, each of them computed once. */
final class ChoiceScorer {
  private final CausalLm model;
  private final ComputeOptions options;
  private final int maxLength;

  ChoiceScorer(CausalLm model, int maxLength) {
    this.model = model;
    this.maxLength = maxLength;
    options = ComputeOptions.on(model.manager().getDevice());
  }

  /** Returns the tokens that a request takes. */
  long tokens(Encoded request) {
    long all = Math.min(maxLength, request.context().size());
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
    double[] scores = model.score(groups, options);
    List<List<Double>> all = new ArrayList<>();
    int at = 0;
    for (int r = 0; r < requests.size(); r++) {
      Double[] own = new Double[requests.get(r).continuations().size()];
      for (int[] members : places.get(r)) {
        for (int member : members) {
          own[member] = scores[at++];
        }
      }
      all.add(List.of(own));
    }
    return all;
  }
}
