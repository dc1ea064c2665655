package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.train.plan.RunPlan;
import java.util.Locale;

/** A plan as one JSON object. */
final class PlanJson {
  private PlanJson() {}

  static String of(RunPlan plan, double teraflops) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ObjectNode bytes = root.putObject("bytes_per_device");
    plan.memory()
        .bytes()
        .forEach((kind, value) -> bytes.put(kind.name().toLowerCase(Locale.ROOT), value));
    root.put("total_bytes", plan.memory().total());
    root.put("capacity_bytes", plan.memory().capacity());
    root.put("fits", plan.memory().fits());
    root.put("devices", plan.run().ranks());
    root.put("tokens_per_pass", plan.memory().passTokens());
    root.put("recompute", plan.memory().recompute());
    root.put("flops_per_step", plan.flopsPerStep());
    root.put("seconds_per_step", plan.flopsPerStep() / (teraflops * 1e12 * plan.run().ranks()));
    if (!plan.memory().fits()) {
      plan.memory().advice(plan.config(), plan.run()).forEach(root.withArray("change_one_of")::add);
    }
    return root.toString();
  }
}
