package io.dil.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.checkpoint.StorageType;
import io.dil.core.collective.Collectives;
import io.dil.core.model.LowRank;
import io.dil.core.model.Parameter;
import io.dil.core.torch.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** SGD, Adafactor, Lion and Muon beside their references (optimizers.py). */
class OptimizersTest {
  private static final double LARGEST_DIFFERENCE = 1e-7;

  @Test
  void fiftyStepsAreThoseOfTheReferences() throws IOException {
    JsonNode file =
        new ObjectMapper().readTree(Path.of("src/test/resources/optim/optimizers.json").toFile());
    Set<String> seen = new HashSet<>();
    for (JsonNode each : file.path("cases")) {
      seen.add(each.path("optim").textValue());
      assertTrue(difference(file, each) <= LARGEST_DIFFERENCE, () -> "" + each.path("arguments"));
    }
    assertEquals(Set.of("sgd", "adafactor", "lion_32bit", "muon"), seen);
  }

  /** Returns the largest difference of a weight, at any of the steps that are kept. */
  private static double difference(JsonNode file, JsonNode each) {
    Map<String, Object> arguments =
        new ObjectMapper()
            .convertValue(each.path("arguments"), new TypeReference<Map<String, Object>>() {});
    OptimizerType type =
        OptimizerType.valueOf(each.path("optim").textValue().toUpperCase(Locale.ROOT));
    double largest = 0;
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Kernels kernels = new Kernels(manager)) {
      List<Parameter> parameters = new ArrayList<>();
      for (int i = 0; i < file.path("shapes").size(); i++) {
        parameters.add(parameter(manager, kernels, file, i));
      }
      AdamW.Options adam =
          new AdamW.Options(0.9, 0.999, 1e-8, each.path("weight_decay").doubleValue());
      int steps = file.path("steps").intValue();
      double rate = file.path("rate").doubleValue();
      try (Optimizer optimizer =
          new OptimizerArguments(type, arguments, adam)
              .create(parameters, manager, kernels, Collectives.alone(), Set.of())) {
        for (int t = 0; t < steps; t++) {
          JsonNode slopes = file.path("gradients").get(t);
          for (int i = 0; i < parameters.size(); i++) {
            set(manager, kernels, parameters.get(i).gradient(), slopes.get(i));
          }
          optimizer.step(rate * (1 - (double) t / steps));
          JsonNode kept = each.path("weights").path(String.valueOf(t + 1));
          for (int i = 0; i < kept.size(); i++) {
            float[] ours = parameters.get(i).master().toFloatArray();
            for (int j = 0; j < ours.length; j++) {
              largest = Math.max(largest, Math.abs(kept.get(i).get(j).doubleValue() - ours[j]));
            }
          }
        }
        assertEquals(steps, optimizer.steps());
      }
    }
    return largest;
  }

  @Test
  void loraPlusIsThatOfPeft() throws IOException {
    JsonNode file =
        new ObjectMapper().readTree(Path.of("src/test/resources/optim/loraplus.json").toFile());
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Kernels kernels = new Kernels(manager)) {
      List<Parameter> parameters = new ArrayList<>();
      file.path("shapes")
          .properties()
          .forEach(
              each ->
                  parameters.add(
                      parameter(
                          manager,
                          kernels,
                          each.getKey(),
                          each.getValue(),
                          file.path("start").path(each.getKey()))));
      assertEquals(2, parameters.size());
      AdamW.Options adam =
          new AdamW.Options(0.9, 0.999, 1e-8, file.path("weight_decay").doubleValue());
      try (AdamW optimizer = new AdamW(parameters, manager, kernels, adam)) {
        double ratio = file.path("ratio").doubleValue();
        optimizer.setFactors(name -> name.endsWith(LowRank.B) ? ratio : 1);
        for (JsonNode gradients : file.path("gradients")) {
          for (Parameter one : parameters) {
            set(manager, kernels, one.gradient(), gradients.path(one.name()));
          }
          optimizer.step(file.path("rate").doubleValue());
        }
        for (Parameter one : parameters) {
          float[] ours = one.master().toFloatArray();
          for (int i = 0; i < ours.length; i++) {
            double wanted = file.path("end").path(one.name()).get(i).doubleValue();
            assertEquals(wanted, ours[i], 1e-6, one.name());
          }
        }
      }
    }
  }

  private static Parameter parameter(
      NDManager manager, Kernels kernels, String name, JsonNode sizes, JsonNode values) {
    List<Long> shape = new ArrayList<>();
    sizes.forEach(size -> shape.add(size.longValue()));
    NDArray weights = kernels.zeros(manager, shape, StorageType.F32);
    set(manager, kernels, weights, values);
    NDArray gradient = kernels.zeros(manager, shape, StorageType.F32);
    return new Parameter(name, shape, weights, weights, StorageType.F32, false, gradient);
  }

  private static Parameter parameter(NDManager manager, Kernels kernels, JsonNode file, int i) {
    return parameter(
        manager, kernels, "p" + i, file.path("shapes").get(i), file.path("start").get(i));
  }

  private static void set(NDManager manager, Kernels kernels, NDArray target, JsonNode values) {
    float[] numbers = new float[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) values.get(i).doubleValue();
    }
    Shape shape = target.getShape();
    try (NDArray source = manager.create(numbers, shape)) {
      kernels.copy(target, source);
    }
  }

  @Test
  void argumentsWithoutSenseAreRefused() {
    refused(OptimizerType.LION_32BIT, Map.of("momentum", 0.9));
    refused(OptimizerType.ADAFACTOR, Map.of("warmup_init", true));
    refused(OptimizerType.MUON, Map.of("ns_steps", 2.5));
    refused(OptimizerType.SGD, Map.of("momentum", 1));
    refused(OptimizerType.SGD, Map.of("nesterov", true));
    refused(OptimizerType.ADAFACTOR, Map.of("decay_rate", 0.8));
    refused(OptimizerType.ADAFACTOR, Map.of("scale_parameter", "maybe"));
    assertEquals(
        Map.of("momentum", "0.9", "nesterov", "true"),
        OptimizerArguments.parse("momentum=0.9, nesterov=true"));
    assertThrows(IllegalArgumentException.class, () -> OptimizerArguments.parse("momentum"));
  }

  private static void refused(OptimizerType type, Map<String, Object> arguments) {
    AdamW.Options adam = new AdamW.Options(0.9, 0.999, 1e-8, 0);
    assertThrows(
        IllegalArgumentException.class, () -> new OptimizerArguments(type, arguments, adam));
  }
}
