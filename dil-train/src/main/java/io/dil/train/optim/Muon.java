package io.dil.train.optim;

import ai.djl.ndarray.NDManager;
import io.dil.core.collective.Collectives;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import io.dil.core.torch.OptimizerKernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Muon: the moment of a hidden matrix is made orthogonal before the matrix moves by it. Everything
 * else, which is embedding, output projection, biases and the weights of norms, moves by AdamW with
 * the same rate.
 *
 * <pre>
 * m ← βm + (1−β)g;  u = (1−β)g + βm  (Nesterov; else u = m)
 * X ← u/‖u‖ in bf16, then n times  X ← aX + (bA + cA²)X  with A = XXᵀ
 * p ← p(1 − lr·λ) − lr·s·X,  a = 3.4445, b = −4.7750, c = 2.0315
 * s = √max(1, rows/columns), or 0.2·√max(rows, columns), with which AdamW's rates fit
 * </pre>
 *
 * <p>Source: Jordan et al. 2024, <a href="https://kellerjordan.github.io/posts/muon/">Muon: an
 * optimizer for hidden layers in neural networks</a>; the second scale is that of Liu et al. 2025,
 * <a href="https://arxiv.org/abs/2502.16982">Muon is scalable for LLM training</a>, equation 4, as
 * {@code torch.optim.Muon} has it. It turns whole matrices, so ranks do not share it.
 */
public final class Muon extends Optimizer {
  /**
   * What does not change from step to step; defaults are the authors'.
   *
   * @param momentum β
   * @param nesterov whether the update looks ahead
   * @param rounds n
   * @param likeAdamW whether s is the second scale
   * @param adam of all that is no hidden matrix; its weight decay is that of the matrices too
   */
  public record Options(
      double momentum, boolean nesterov, int rounds, boolean likeAdamW, AdamW.Options adam) {}

  private final Options options;
  private final OptimizerKernels steps;
  private final List<Parameter> parameters;
  private final Map<Parameter, Moment.Plain> moments = new LinkedHashMap<>();
  private final AdamW rest;
  private final List<Parameter> others;

  /**
   * Makes an optimiser with moments of zero.
   *
   * @param tables the names of embedding and output projection
   */
  public Muon(
      List<Parameter> parameters,
      NDManager owner,
      Kernels kernels,
      Options options,
      Set<String> tables) {
    super(parameters, owner, kernels, Collectives.alone());
    this.options = options;
    this.parameters = List.copyOf(parameters);
    steps = new OptimizerKernels(place());
    others =
        parameters.stream()
            .filter(one -> one.shape().size() != 2 || tables.contains(one.name()))
            .toList();
    for (Parameter parameter : parameters) {
      if (!others.contains(parameter)) {
        moments.put(parameter, zeros(parameter.shape()));
      }
    }
    rest = new AdamW(others, owner, kernels, options.adam());
  }

  @Override
  void update(double learningRate) {
    moments.forEach(
        (parameter, moment) ->
            inFloat32(
                parameter,
                (p, g) ->
                    steps.muon(
                        p,
                        g,
                        moment.array(),
                        rateOf(parameter, learningRate),
                        options.momentum(),
                        options.nesterov(),
                        options.rounds(),
                        scale(parameter.shape()),
                        options.adam().weightDecay())));
    // It counts steps for its moments' bias.
    rest.resume(steps());
    rest.update(learningRate);
  }

  @Override
  public void setFactors(ToDoubleFunction<String> byName) {
    super.setFactors(byName);
    rest.setFactors(byName);
  }

  private double scale(List<Long> shape) {
    double rows = shape.get(0);
    double columns = shape.get(1);
    return options.likeAdamW()
        ? 0.2 * Math.sqrt(Math.max(rows, columns))
        : Math.sqrt(Math.max(1, rows / columns));
  }

  @Override
  public List<Map<String, Moment>> moments() {
    List<Map<String, Moment>> ofOthers = rest.moments();
    List<Map<String, Moment>> all = new ArrayList<>();
    for (Parameter parameter : parameters) {
      Moment.Plain moment = moments.get(parameter);
      all.add(
          moment == null
              ? ofOthers.get(others.indexOf(parameter))
              : Map.of("momentum_buffer", moment));
    }
    return all;
  }

  @Override
  public void close() {
    rest.close();
    steps.close();
    super.close();
  }
}
