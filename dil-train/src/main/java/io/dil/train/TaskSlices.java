package io.dil.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dil.core.model.CausalLm;
import io.dil.data.token.ContinuationTokenizer;
import io.dil.data.token.ContinuationTokenizer.Bos;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.eval.Evaluation;
import io.dil.train.eval.EvaluationListener;
import io.dil.train.eval.EvaluationOptions;
import io.dil.train.eval.MaxLength;
import io.dil.train.eval.Task;
import io.dil.train.eval.TaskResult;
import io.dil.train.eval.Tasks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first rows of benchmarks, run at a run's evaluations. */
final class TaskSlices {
  /** What the metrics' names begin with, behind {@code eval_}. */
  static final String PREFIX = "eval_tasks/";

  private final List<Task> tasks;
  private final EvaluationOptions options;
  private final @Nullable String data;
  private final Path folder;

  private TaskSlices(
      List<Task> tasks, EvaluationOptions options, @Nullable String data, Path folder) {
    this.tasks = tasks;
    this.options = options;
    this.data = data;
    this.folder = folder;
  }

  /**
   * Finds the tasks that a run's settings name; nothing where they name none.
   *
   * @param folder the model's folder, for its tokenizer and its length
   * @throws io.dil.core.InputException if one is not known
   */
  static Optional<TaskSlices> of(TrainingConfig config, Path folder) {
    List<String> names = config.get(Settings.EVAL_TASKS);
    if (names.isEmpty()) {
      return Optional.empty();
    }
    String data = config.get(Settings.EVAL_TASK_DATA);
    return Optional.of(
        new TaskSlices(
            Tasks.of(names),
            EvaluationOptions.DEFAULT.withLimit(config.get(Settings.EVAL_TASK_LIMIT)),
            data.isEmpty() ? null : data,
            folder));
  }

  /** Returns the first metric of every benchmark; parts of one that is there as a whole are not. */
  Map<String, Double> run(CausalLm policy) {
    ContinuationTokenizer tokenizer =
        ContinuationTokenizer.load(folder, Bos.AUTO, Optional.empty());
    List<TaskResult> results =
        new Evaluation(policy, tokenizer, MaxLength.of(folder).used(), options)
            .run(tasks, data, null, new ObjectMapper().createObjectNode(), EvaluationListener.NONE);
    Map<String, Double> values = new LinkedHashMap<>();
    for (TaskResult result : TaskResult.withGroups(results)) {
      if (!result.name().equals(result.group())
          && results.stream().filter(one -> one.group().equals(result.group())).count() > 1) {
        continue;
      }
      String metric = result.metrics().keySet().iterator().next();
      values.put(PREFIX + result.name() + "/" + metric, result.first().mean());
    }
    return values;
  }
}
