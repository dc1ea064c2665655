package io.dil.train;

import io.dil.core.InputException;
import io.dil.core.model.lora.AdapterConfig;
import io.dil.data.format.Formats;
import io.dil.data.hub.HubAddress;
import io.dil.data.source.DataSpec;
import io.dil.train.config.OnPolicySettings;
import io.dil.train.config.Setting;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.eval.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be known of a run before its model is read: whether the places that its settings name
 * are there. Nothing is fetched: what lies on the hub is looked for when the run begins.
 */
public final class RunCheck {
  private final TrainingConfig config;
  private final List<String> problems = new ArrayList<>();

  private RunCheck(TrainingConfig config) {
    this.config = config;
  }

  /** Returns everything that is wrong, a line each. */
  public static List<String> problems(TrainingConfig config) {
    RunCheck check = new RunCheck(config);
    check.run();
    return check.problems;
  }

  private void run() {
    model(Settings.MODEL);
    model(Settings.REF_MODEL);
    model(OnPolicySettings.REWARD);
    String adapter = config.get(Settings.ADAPTER);
    if (!adapter.isEmpty() && !Files.exists(Path.of(adapter, AdapterConfig.FILE))) {
      add(Settings.ADAPTER, adapter + ": holds no " + AdapterConfig.FILE + ", so it is no adapter");
    }
    config.get(Settings.DATASET).forEach(name -> data(Settings.DATASET, name));
    config.get(Settings.DATASET_MIXER).keySet().forEach(name -> data(Settings.DATASET_MIXER, name));
    config.get(Settings.EVAL_DATASET).forEach(name -> data(Settings.EVAL_DATASET, name));
    attempt(Settings.CHAT_TEMPLATE, () -> ChatTemplateFile.of(config));
    for (String list : config.get(Settings.DECONTAMINATE)) {
      if (!Files.exists(Path.of(list))) {
        add(Settings.DECONTAMINATE, list + ": no such file");
      }
    }
    if (!config.get(Settings.EVAL_TASKS).isEmpty()) {
      attempt(Settings.EVAL_TASKS, () -> Tasks.of(config.get(Settings.EVAL_TASKS)));
    }
    if (!isHub(config.get(Settings.MODEL)) && !isHub(config.get(Settings.REF_MODEL))) {
      attempt(
          Settings.OUTPUT_DIR,
          () -> OutputPlace.check(config, Path.of(config.get(Settings.MODEL))));
    }
  }

  private void model(Setting<String> setting) {
    String place = config.get(setting);
    if (place.isEmpty()) {
      return;
    }
    if (isHub(place)) {
      String rest = place.substring(HubAddress.SCHEME.length());
      String kind = HubAddress.Kind.MODEL.word() + "/";
      attempt(
          setting,
          () -> HubAddress.parse(HubAddress.SCHEME + (rest.startsWith(kind) ? rest : kind + rest)));
    } else {
      attempt(
          setting,
          () -> {
            if (!Files.isDirectory(Models.folder(place))) {
              throw new InputException(
                  setting.name()
                      + ": no such folder "
                      + place
                      + "; a model of the hub is written hf://ORG/NAME");
            }
          });
    }
  }

  private void data(Setting<?> setting, String name) {
    int colon = name.indexOf(':');
    String place = colon < 0 ? "" : name.substring(colon + 1);
    attempt(
        setting,
        () -> {
          if (isHub(place)) {
            String format = name.substring(0, colon);
            if (!format.equals(Formats.AUTO)) {
              Formats.spelled(format);
            }
            HubAddress.parse(place);
          } else {
            DataSpec.parse(name).files();
          }
        });
  }

  private static boolean isHub(String place) {
    return place.startsWith(HubAddress.SCHEME);
  }

  private void attempt(Setting<?> setting, Runnable look) {
    try {
      look.run();
    } catch (InputException e) {
      add(setting, e.problems().get(0));
    }
  }

  private void add(Setting<?> setting, String text) {
    problems.add(config.problem(setting, text));
  }
}
