package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.core.checkpoint.ModelFolder;
import io.dil.core.model.Architectures;
import io.dil.core.model.ModelSpec;
import io.dil.core.model.RewardHead;
import io.dil.losses.Losses;
import io.dil.train.Models;
import io.dil.train.config.ConfigFile;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.Given;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.plan.RunPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil plan}: what a run will need, before it begins and without its devices. */
@Command(
    name = "plan",
    description = "Show the memory and the work of a run, and whether it fits, without running it.",
    footer = {"", "Example: dil plan dpo.yaml --devices 4 --gib 80"},
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class PlanCommand implements Callable<Integer> {
  private static final double GIB = 1L << 30;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "CONFIG.yaml", description = "Settings.")
  private Path config = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Settings that replace those of the file.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--devices", paramLabel = "N", description = "GPUs that share the run (1).")
  private int devices = 1;

  @Option(names = "--gib", paramLabel = "GIB", description = "Memory of each in GiB (80).")
  private double gib = 80;

  @Option(
      names = "--tflops",
      paramLabel = "N",
      description = "What a device reaches in TFLOP/s (${DEFAULT-VALUE}).")
  private double teraflops = RunPlan.TERAFLOPS;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (devices < 1 || !(gib > 0) || !(teraflops > 0)) {
      throw new InputException(
          "--devices, --gib and --tflops must be positive, got "
              + devices
              + ", "
              + gib
              + ", "
              + teraflops);
    }
    Given given = ConfigFile.read(config, overrides);
    given.remove(DeviceSettings.DEVICE.name());
    given.put(DeviceSettings.DEVICES.name(), String.valueOf(devices), "");
    if (devices == 1) {
      given.remove(DeviceSettings.ZERO_STAGE.name());
    }
    TrainingConfig settings = TrainingConfig.of(given).on(true);
    RunPlan plan =
        RunPlan.of(
            settings,
            model(settings),
            devices,
            true,
            (long) (gib * GIB),
            Losses.describe(settings.get(Settings.LOSS_TYPE)).needsReference());
    if (json) {
      out.println(PlanJson.of(plan, teraflops));
    } else {
      plan.lines(teraflops).forEach(out::println);
    }
    out.flush();
    return plan.memory().fits() ? Dil.OK : Dil.FAILURE;
  }

  private static ModelSpec model(TrainingConfig settings) {
    Path folder = Models.folder(settings.get(Settings.MODEL));
    // The configuration is enough: a plan can be made before the weights are there.
    ModelFolder described =
        new ModelFolder(
            folder, ModelFolder.json(folder.resolve("config.json")), Map.of(), Map.of());
    return Losses.describe(settings.get(Settings.LOSS_TYPE)).takesRewards()
        ? Architectures.reward(described, RewardHead.NONE)
        : Architectures.read(described);
  }
}
