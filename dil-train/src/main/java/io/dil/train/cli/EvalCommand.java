package io.dil.train.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dil.core.checkpoint.AtomicFile;
import io.dil.data.token.ContinuationTokenizer;
import io.dil.data.token.ContinuationTokenizer.Bos;
import io.dil.train.LoadedModel;
import io.dil.train.eval.Evaluation;
import io.dil.train.eval.EvaluationJson;
import io.dil.train.eval.EvaluationListener;
import io.dil.train.eval.EvaluationOptions;
import io.dil.train.eval.MaxLength;
import io.dil.train.eval.Task;
import io.dil.train.eval.TaskResult;
import io.dil.train.eval.Tasks;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dil eval}: benchmarks as the lm-evaluation-harness counts them. */
@Command(
    name = "eval",
    description = "Run benchmarks as the lm-evaluation-harness counts them.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Tasks: mmlu_pro, bbh, musr, math, gsm8k, gsm8k-v0, arc, arc-v0; a part of one (math_algebra);",
      "leaderboard, the six with no BOS, GSM8K and ARC as in 2023; or a task file ending in .yaml.",
      "Example: dil eval --model DIR --tasks arc,gsm8k --limit 100 --out results"
    })
public final class EvalCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--tasks",
      required = true,
      split = ",",
      paramLabel = "NAME",
      description = "Benchmarks, by commas.")
  private List<String> tasks = List.of();

  @Option(
      names = "--data",
      paramLabel = "PLACE",
      description = "Folder or hf://datasets/ORG/NAME of the rows (default: each task's own).")
  private @Nullable String data;

  @Option(names = "--limit", paramLabel = "N", description = "The first N rows of every task.")
  private int limit = EvaluationOptions.ALL;

  @Option(
      names = "--samples",
      description =
          "Write requests and answers: into --out's rows.jsonl, or without it into --json.")
  private boolean samples;

  @Option(names = "--chat", description = "Put contexts into the model's chat template.")
  private boolean chat;

  @Option(
      names = "--fewshot-as-multiturn",
      description = "With --chat: every shot is a turn of its own.")
  private boolean multiturn;

  @Mixin private ChatTemplateOption template = new ChatTemplateOption();

  @Option(
      names = "--add-bos",
      defaultValue = "auto",
      paramLabel = "WHEN",
      description =
          "auto: as tokenizer and task say; true; false, the harness's default to November 2025.")
  private String bos = "auto";

  @Option(names = "--num-fewshot", paramLabel = "N", description = "Shots (default: the task's).")
  private int fewshots = EvaluationOptions.AS_TASK;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Longest sequence; longer ones lose their start (default: config.json's).")
  private int maxLength;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Tokens that are written at most (default: the task's).")
  private int maxNewTokens;

  @Option(
      names = "--batch-tokens",
      paramLabel = "N",
      description = "Tokens computed at once (default: what keeps the device busy).")
  private long batchTokens;

  @Option(names = "--json", description = "Print the results as JSON.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for answers as they come and for results; a stopped run goes on there.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    Bos when = Names.of("--add-bos", Bos.class, bos);
    EvaluationOptions.Chat way =
        !chat
            ? EvaluationOptions.Chat.NONE
            : multiturn ? EvaluationOptions.Chat.TURNS : EvaluationOptions.Chat.ONE_TURN;
    EvaluationOptions options =
        new EvaluationOptions(
            limit, way, when, maxLength, maxNewTokens, fewshots, batchTokens, samples);
    List<Task> all = Tasks.of(tasks);
    Optional<String> given = template.read();
    ContinuationTokenizer tokenizer = ContinuationTokenizer.load(model.folder(), when, given);
    MaxLength made = MaxLength.of(model.baseFolder());
    int longest = options.maxLength() > 0 ? maxLength : made.used();
    try (LoadedModel loaded = model.load()) {
      Evaluation evaluation = new Evaluation(loaded.model(), tokenizer, longest, options);
      ObjectNode settings = settings(way, longest);
      PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
      if (maxLength == 0 && made.used() != made.tokens()) {
        err.println(made.note());
      }
      ArrayNode lines = samples && out == null ? JSON.createArrayNode() : null;
      Shown shown = new Shown(err, lines);
      ObjectNode keyed = settings.deepCopy();
      if (out != null) {
        keyed.put("fingerprint", model.fingerprint());
      }
      List<TaskResult> results = evaluation.run(all, data, out, keyed, shown);
      EvaluationJson.notes(results, longest).forEach(err::println);
      err.flush();
      settings.set("results", EvaluationJson.of(results));
      ObjectNode used = settings.putObject("bos_added");
      all.forEach(task -> used.put(task.name(), evaluation.addsBos(task)));
      if (lines != null) {
        settings.set("samples", lines);
      }
      ObjectNode seconds = settings.putObject("seconds");
      shown.seconds.forEach(seconds::put);
      String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(settings);
      if (out != null) {
        AtomicFile.write(
            out.resolve("evaluation.json"), (text + "\n").getBytes(StandardCharsets.UTF_8));
      }
      PrintWriter console = spec.commandLine().getOut();
      console.print(json ? text + "\n" : EvaluationJson.table(results));
      console.flush();
    }
    return Dil.OK;
  }

  private ObjectNode settings(EvaluationOptions.Chat way, int longest) {
    ObjectNode settings = JSON.createObjectNode();
    settings.put("rules", EvaluationJson.HARNESS).put("model", model.shown());
    settings.put("data", data);
    settings.put("chat", way.name().toLowerCase(Locale.ROOT)).put("add_bos", bos);
    settings.put("max_length", longest).put("max_new_tokens", maxNewTokens);
    settings.put("num_fewshot", fewshots == EvaluationOptions.AS_TASK ? null : fewshots);
    return settings;
  }

  /** Shows how far the tasks have come. */
  private static final class Shown implements EvaluationListener {
    private final PrintWriter err;
    private final @Nullable ArrayNode lines;
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private long begun;
    private @Nullable RowProgress progress;

    Shown(PrintWriter err, @Nullable ArrayNode lines) {
      this.err = err;
      this.lines = lines;
    }

    @Override
    public void started(Task task, int rows, int known) {
      if (known > 0) {
        err.println(task + ": going on after " + known + " of " + rows + " rows");
      }
      begun = System.nanoTime();
      progress = new RowProgress(err, task.name(), rows, known);
    }

    @Override
    public void answered(Task task, ObjectNode line) {
      if (lines != null) {
        lines.add(line);
      }
      if (progress != null) {
        progress.step();
      }
    }

    @Override
    public void finished(TaskResult result) {
      seconds.put(result.name(), (System.nanoTime() - begun) / 1e9);
      if (progress != null) {
        progress.close();
      }
    }
  }
}
