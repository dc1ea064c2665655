package io.dil.examples.reproduction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Trains policies with a free number per answer: a path of Adam from the reference, then the
 * minimum by BFGS.
 */
final class TabularFit {
  /** Steps of the path that are kept. */
  static final int[] KEPT = {3, 5, 10, 25, 50, 100, 200};

  private static final double RATE = 0.04;
  private static final int ITERATIONS = 200;
  private static final int TRIALS = 200;
  private static final double TOLERANCE = 1e-8;

  /** How often KTO's anchor is taken anew; with any other loss once is enough. */
  private static final int ROUNDS = 30;

  /** By how much an answer's logit is lowered to see whether the loss falls on. */
  private static final double PROBE = 5;

  private static final double FAR = -15;

  /** Where lost answers are put back to, as a log-ratio. */
  private static final double NEAR = -4;

  private static final int REVIVALS = 3;

  private final TabularLoss loss;
  private final double[] logReference;
  private final boolean normalised;

  /**
   * @param normalised whether a softmax makes the numbers a distribution; if not, they are
   *     log-probabilities as they are
   */
  TabularFit(TabularLoss loss, ExactWorld world, boolean normalised) {
    this.loss = loss;
    this.logReference = world.logReference();
    this.normalised = normalised;
  }

  /** What the end of a training is. */
  enum End {
    MINIMUM,
    NO_MINIMUM,
    NOT_CONVERGED
  }

  /**
   * A trained policy.
   *
   * @param path log-probabilities at the steps that are kept
   * @param last log-probabilities at the end
   * @param end what the end is
   * @param gradient the largest gradient at the end, as a share of that at the reference
   */
  record Trained(double[][] path, double[] last, End end, double gradient) {
    /** Returns the log-probabilities of a kept step, or those at the end. */
    double[] stop(int index) {
      return index < path.length ? path[index] : last;
    }
  }

  /** Trains one policy on each of the data sets. */
  List<Trained> fit(List<PairCells> data) {
    int fits = data.size();
    double[][] logits = new double[fits][];
    Arrays.setAll(logits, f -> logReference.clone());
    double[] atStart = new double[fits];
    double[][][] path = new double[fits][KEPT.length][];
    adam(data, logits, atStart, path);
    double[][] last = new double[fits][];
    List<Trained> trained = new ArrayList<>();
    minimise(data, logits, atStart);
    revive(data, logits, atStart);
    double[] anchors = anchors(data, logits);
    Lowered[] values = evaluate(data, logits, anchors);
    boolean[] falling = falling(data, logits, anchors, values);
    for (int f = 0; f < fits; f++) {
      last[f] = logPolicy(logits[f]);
      double gradient = Bfgs.largest(values[f].gradient) / atStart[f];
      End end =
          falling[f] ? End.NO_MINIMUM : gradient <= TOLERANCE ? End.MINIMUM : End.NOT_CONVERGED;
      trained.add(new Trained(path[f], last[f], end, gradient));
    }
    return trained;
  }

  private void adam(List<PairCells> data, double[][] logits, double[] atStart, double[][][] path) {
    int fits = logits.length;
    double[][] first = new double[fits][ExactWorld.SIZE];
    double[][] second = new double[fits][ExactWorld.SIZE];
    int next = 0;
    for (int step = 1; step <= KEPT[KEPT.length - 1]; step++) {
      Lowered[] values = evaluate(data, logits, anchors(data, logits));
      double correctFirst = 1 - StrictMath.pow(0.9, step);
      double correctSecond = 1 - StrictMath.pow(0.999, step);
      for (int f = 0; f < fits; f++) {
        if (step == 1) {
          atStart[f] = Bfgs.largest(values[f].gradient);
        }
        for (int i = 0; i < ExactWorld.SIZE; i++) {
          double g = values[f].gradient[i];
          first[f][i] = 0.9 * first[f][i] + 0.1 * g;
          second[f][i] = 0.999 * second[f][i] + 0.001 * g * g;
          logits[f][i] -=
              RATE
                  * (first[f][i] / correctFirst)
                  / (Math.sqrt(second[f][i] / correctSecond) + 1e-12);
        }
      }
      if (step == KEPT[next]) {
        for (int f = 0; f < fits; f++) {
          path[f][next] = logPolicy(logits[f]);
        }
        next++;
      }
    }
  }

  /** Takes the logits to the minimum; where an anchor moves with them, again and again. */
  private void minimise(List<PairCells> data, double[][] logits, double[] atStart) {
    for (int round = 0; round < (loss.anchored() ? ROUNDS : 1); round++) {
      double[] anchors = anchors(data, logits);
      Bfgs[] searches = new Bfgs[logits.length];
      Arrays.setAll(searches, f -> new Bfgs(logits[f], TOLERANCE * atStart[f]));
      for (int trial = 0; trial < TRIALS; trial++) {
        List<Integer> active = new ArrayList<>();
        for (int f = 0; f < searches.length; f++) {
          if (!searches[f].ended() && searches[f].iterations() < ITERATIONS) {
            active.add(f);
          }
        }
        if (active.isEmpty()) {
          break;
        }
        double[][] places = active.stream().map(f -> searches[f].trial()).toArray(double[][]::new);
        Lowered[] values =
            evaluate(
                active.stream().map(data::get).toList(),
                places,
                active.stream().mapToDouble(f -> anchors[f]).toArray());
        for (int k = 0; k < values.length; k++) {
          searches[active.get(k)].tell(values[k].loss, values[k].gradient);
        }
      }
      for (int f = 0; f < searches.length; f++) {
        logits[f] = searches[f].at();
      }
      double[] moved = anchors(data, logits);
      double change = 0;
      for (int f = 0; f < moved.length; f++) {
        change = Math.max(change, Math.abs(Math.max(0, moved[f]) - Math.max(0, anchors[f])));
      }
      if (change < 1e-12) {
        break;
      }
    }
  }

  /**
   * Searches again with lost answers back in sight, and keeps what is lower.
   *
   * <p>The gradient of a logit holds the answer's probability: an answer that the path has thrown
   * away does not come back by itself, even if the loss would be lower with it.
   */
  private void revive(List<PairCells> data, double[][] logits, double[] atStart) {
    List<Integer> open = new ArrayList<>();
    for (int f = 0; f < logits.length && !loss.anchored(); f++) {
      open.add(f);
    }
    for (int round = 0; round < REVIVALS && !open.isEmpty(); round++) {
      List<Integer> tried = new ArrayList<>();
      List<double[]> places = new ArrayList<>();
      for (int f : open) {
        double[] raised = logPolicy(logits[f]);
        boolean any = false;
        for (int i = 0; i < raised.length; i++) {
          if (raised[i] - logReference[i] < FAR) {
            raised[i] = logReference[i] + NEAR;
            any = true;
          }
        }
        if (any) {
          tried.add(f);
          places.add(raised);
        }
      }
      List<PairCells> theirs = tried.stream().map(data::get).toList();
      double[][] found = places.toArray(double[][]::new);
      double[][] before = tried.stream().map(f -> logits[f]).toArray(double[][]::new);
      minimise(theirs, found, tried.stream().mapToDouble(f -> atStart[f]).toArray());
      double[] none = new double[found.length];
      Lowered[] after = evaluate(theirs, found, none);
      Lowered[] earlier = evaluate(theirs, before, none);
      open.clear();
      for (int k = 0; k < found.length; k++) {
        if (after[k].loss < earlier[k].loss - 1e-12 * (1 + Math.abs(earlier[k].loss))) {
          logits[tried.get(k)] = found[k];
          open.add(tried.get(k));
        }
      }
    }
  }

  /**
   * Returns which policies have an answer, far below the reference, that the loss would have lower
   * still.
   */
  private boolean[] falling(
      List<PairCells> data, double[][] logits, double[] anchors, Lowered[] values) {
    boolean[] falling = new boolean[logits.length];
    for (int y = 0; y < ExactWorld.ANSWERS; y++) {
      double[][] moved = new double[logits.length][];
      for (int f = 0; f < logits.length; f++) {
        moved[f] = logits[f].clone();
        for (int x = 0; x < ExactWorld.PROMPTS; x++) {
          moved[f][x * ExactWorld.ANSWERS + y] -= PROBE;
        }
      }
      Lowered[] there = evaluate(data, moved, anchors);
      for (int f = 0; f < logits.length; f++) {
        double[] log = logPolicy(logits[f]);
        for (int x = 0; x < ExactWorld.PROMPTS; x++) {
          int i = x * ExactWorld.ANSWERS + y;
          double rise = there[f].byPrompt[x] - values[f].byPrompt[x];
          falling[f] |= log[i] - logReference[i] < FAR && rise <= 1e-13;
        }
      }
    }
    return falling;
  }

  private double[] anchors(List<PairCells> data, double[][] logits) {
    double[] anchors = new double[logits.length];
    if (loss.anchored()) {
      for (int f = 0; f < logits.length; f++) {
        anchors[f] = loss.anchor(data.get(f), logPolicy(logits[f]));
      }
    }
    return anchors;
  }

  private double[] logPolicy(double[] logits) {
    return normalised ? ExactWorld.normalised(logits) : logits.clone();
  }

  private record Lowered(double loss, double[] byPrompt, double[] gradient) {}

  /** Evaluates the loss at logits, with the gradient taken through the softmax. */
  private Lowered[] evaluate(List<PairCells> data, double[][] logits, double[] anchors) {
    double[][] logPolicies = new double[logits.length][];
    Arrays.setAll(logPolicies, f -> logPolicy(logits[f]));
    TabularLoss.Value[] values = loss.evaluate(data, logPolicies, anchors);
    Lowered[] lowered = new Lowered[values.length];
    for (int f = 0; f < values.length; f++) {
      double[] gradient = values[f].gradient().clone();
      for (int x = 0; normalised && x < ExactWorld.PROMPTS; x++) {
        int from = x * ExactWorld.ANSWERS;
        double sum = 0;
        for (int y = 0; y < ExactWorld.ANSWERS; y++) {
          sum += values[f].gradient()[from + y];
        }
        for (int y = 0; y < ExactWorld.ANSWERS; y++) {
          gradient[from + y] -= sum * StrictMath.exp(logPolicies[f][from + y]);
        }
      }
      lowered[f] = new Lowered(values[f].total(), values[f].byPrompt(), gradient);
    }
    return lowered;
  }
}
