package io.dil.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.collective.RowShare;
import io.dil.core.torch.Kernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model that are trained, with their masters and gradients: whole, or on several
 * ranks this one's rows of them.
 */
final class TrainedWeights {
  private final NDManager manager;
  private final Kernels kernels;
  private final Sharding sharding;
  private final TrainingState state;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  // What the masters of whole weights came from, by name: the weights themselves, or an adapter's
  // fp32 matrices.
  private final Map<String, NDArray> sources = new LinkedHashMap<>();

  /**
   * Makes an empty list.
   *
   * @param state what stands beside the weights
   */
  TrainedWeights(NDManager manager, Kernels kernels, Sharding sharding, TrainingState state) {
    this.manager = manager;
    this.kernels = kernels;
    this.sharding = sharding;
    this.state = state;
  }

  /**
   * Adds a weight.
   *
   * @param shape its whole shape
   * @param value what the model computes with; a rank's share where weights are in parts
   * @param source what the master is made of: {@code value} itself, or what it was cast from
   * @param stored the type of {@code source}
   * @param type the type of the master
   * @param part whether {@code value} is this rank's share of the weight
   */
  void add(
      String name,
      List<Long> shape,
      NDArray value,
      NDArray source,
      StorageType stored,
      StorageType type,
      boolean part) {
    NDArray own = source;
    if (sharding.ofState() && !part) {
      RowShare share = sharding.group().share(source.getShape().get(0));
      own = kernels.rows(manager, source, share.from(), share.rows());
    }
    NDArray master = own;
    boolean copied = stored != type || source != value;
    boolean hosted = state.offload() && manager.getDevice().isGpu();
    if (hosted) {
      master = kernels.hosted(manager.newSubManager(Device.cpu()), own, type);
      copied = true;
    } else if (stored != type) {
      master = kernels.cast(manager, own, type);
    }
    if (own != source && master != own) {
      own.close();
    }
    if (!part) {
      value.setRequiresGradient(true);
    }
    NDArray sum = kernels.zeros(manager, Kernels.shape(master), state.gradients());
    parameters.put(name, new Parameter(name, shape, value, master, type, copied, sum));
    if (!part) {
      sources.put(name, source);
    }
  }

  boolean isEmpty() {
    return parameters.isEmpty();
  }

  List<Parameter> list() {
    return List.copyOf(parameters.values());
  }

  boolean contains(String name) {
    return parameters.containsKey(name);
  }

  /** Returns whether a pass adds to the sums of all ranks, not to its own. */
  boolean shared() {
    return sharding.ofState();
  }

  /** Returns the sums of those of {@code names} after {@code prefix} that are trained. */
  Map<String, NDArray> sums(String prefix, Iterable<String> names) {
    Map<String, NDArray> sums = new LinkedHashMap<>();
    for (String name : names) {
      Parameter parameter = parameters.get(prefix + name);
      if (parameter != null) {
        sums.put(name, parameter.gradient());
      }
    }
    return sums;
  }

  /**
   * Adds this rank's gradients, and those of the others, to the sums of their owners.
   *
   * @param found whole gradients in the order of {@code sums}; empty where this rank has none
   */
  void reduce(List<NDArray> found, Map<String, NDArray> sums) {
    sharding.group().reduceScatter(found, List.copyOf(sums.values()));
  }

  /** Takes part in {@link #reduce} without gradients of this rank's own. */
  void reduceNothing(Map<String, NDArray> sums) {
    if (!sums.isEmpty()) {
      reduce(List.of(), sums);
    }
  }

  /**
   * Returns what the gradient of a whole table is added to: its sum, or on several ranks an array
   * of zeros that {@link #end} brings to the sums; null if it is not trained.
   */
  @Nullable NDArray begin(NDManager scope, String name, List<Long> shape) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      return null;
    }
    return shared() ? kernels.zeros(scope, shape, StorageType.F32) : parameter.gradient();
  }

  /**
   * Brings what {@link #begin} returned to the sums.
   *
   * @param type the type that goes over the wires, that of the layers' gradients
   */
  void end(NDManager scope, String name, NDArray whole, StorageType type) {
    if (shared()) {
      try (NDArray sent = kernels.cast(scope, whole, type)) {
        whole.close();
        reduce(List.of(sent), sums("", List.of(name)));
      }
    }
  }

  /** Brings what the optimiser changed in the masters into the weights, of all ranks. */
  void refresh() {
    List<NDArray> changed = new ArrayList<>();
    parameters.forEach(
        (name, parameter) -> {
          NDArray source = sources.get(name);
          if (sharding.ofState() && source != null) {
            changed.add(source);
            publish(parameter, source);
          } else if (parameter.copied()) {
            kernels.copy(parameter.value(), parameter.master());
          }
        });
    if (changed.isEmpty()) {
      return;
    }
    sharding.group().allGather(changed);
    parameters.forEach(
        (name, parameter) -> {
          NDArray source = sources.get(name);
          if (source != null && source != parameter.value()) {
            kernels.copy(parameter.value(), source);
          }
        });
  }

  // A master of another type is no view of its source, so its rows are copied there first.
  private void publish(Parameter parameter, NDArray source) {
    if (parameter.copied() && !isView(parameter, source)) {
      RowShare share = sharding.group().share(source.getShape().get(0));
      kernels.copyRows(source, share.from(), parameter.master(), 0, share.rows());
    }
  }

  // An adapter's master is this rank's rows of its fp32 matrix, unless it is on the host.
  private static boolean isView(Parameter parameter, NDArray source) {
    return source != parameter.value() && parameter.master().getDevice().equals(source.getDevice());
  }
}
