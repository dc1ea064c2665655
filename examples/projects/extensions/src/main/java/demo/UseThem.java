package demo;

import io.dil.train.LanguageModel;
import io.dil.train.RunResult;
import io.dil.train.TrainingRun;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.eval.EvaluationOptions;
import io.dil.train.eval.TaskResult;
import java.util.List;

/** Names one of each in settings like ours. Arguments: model folder, a .tsv of tickets, output folder, folder of courtesy.jsonl. */
public final class UseThem {
  public static void main(String[] args) {
    TrainingConfig config =
        TrainingConfig.builder()
            .set(Settings.MODEL, args[0])
            .set(Settings.DATASET, List.of("tickets:" + args[1]))
            .set(Settings.OUTPUT_DIR, args[2])
            .set(Settings.LOSS_TYPE, "squared-ratios")
            .lossParameter("target", 2)
            .set(Settings.LEARNING_RATE, 1e-3)
            .set(Settings.MAX_LENGTH, 64)
            .build();
    RunResult result = new TrainingRun(config).run();
    System.out.println(result.outcome() + " loss " + result.lastStep().get("loss"));
    try (LanguageModel model = LanguageModel.open(args[2])) {
      TaskResult task =
          model.evaluate(List.of("courtesy"), EvaluationOptions.DEFAULT, args[3]).get(0);
      System.out.println(task.name() + " " + task.rows() + " rows, acc " + task.first().mean());
    }
  }
}
