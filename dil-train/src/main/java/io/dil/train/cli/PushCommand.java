package io.dil.train.cli;

import io.dil.core.InputException;
import io.dil.data.hub.HubAddress;
import io.dil.data.hub.HubSettings;
import io.dil.data.hub.HubUpload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dil push}: a model folder to the hub. */
@Command(
    name = "push",
    description = {
      "Push a model folder, or an adapter's, to a model repository of the hub, in one commit.",
      "HF_TOKEN must hold a token that may write. What the hub has already is not sent again."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {"", "Example: dil push runs/dil my-name/my-model --private"})
public final class PushCommand implements Callable<Integer> {
  /** What a run keeps for itself: paths of this machine, and texts of its data. */
  private static final Set<String> OF_THE_RUN =
      Set.of("manifest.json", "metrics.jsonl", "report.html");

  private static final List<String> MODELS =
      List.of("config.json", "adapter_config.json", "model.pt");

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the model or adapter.")
  private @Nullable Path folder;

  @Parameters(index = "1", paramLabel = "ORG/NAME", description = "The repository.")
  private String repository = "";

  @Option(
      names = "--revision",
      defaultValue = HubAddress.DEFAULT_REVISION,
      paramLabel = "BRANCH",
      description = "Branch that the commit goes to (default: ${DEFAULT-VALUE}).")
  private String revision = HubAddress.DEFAULT_REVISION;

  @Option(names = "--private", description = "Make the repository private, if it is new.")
  private boolean isPrivate;

  @Option(
      names = "--message",
      defaultValue = "Push a model trained with dil",
      paramLabel = "TEXT",
      description = "Message of the commit.")
  private String message = "";

  @Option(
      names = "--report",
      description = "Push the run's report, metrics and manifest too, with its paths and samples.")
  private boolean report;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Map<String, Path> files = files(Objects.requireNonNull(folder));
    HubUpload upload =
        new HubUpload(
            HubSettings.ofEnvironment(),
            repository,
            revision,
            (name, bytes, sent) -> {
              out.println("%s  %,d bytes%s".formatted(name, bytes, sent ? "" : ", there already"));
              out.flush();
            });
    try {
      upload.create(isPrivate);
      out.println("pushed " + files.size() + " files: " + upload.push(files, message));
    } catch (IOException e) {
      throw new InputException(
          repository + ": not pushed (" + e.getMessage() + "); nothing of it shows on the hub", e);
    }
    out.flush();
    return Dil.OK;
  }

  /** Returns the files of the folder itself: not its checkpoints, nor what is hidden. */
  private Map<String, Path> files(Path from) throws IOException {
    if (!Files.isDirectory(from) || MODELS.stream().noneMatch(n -> Files.exists(from.resolve(n)))) {
      throw new InputException(
          from + ": must be a folder with a model or an adapter, one of " + MODELS);
    }
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.filter(Files::isRegularFile).toList()) {
        String name = entry.getFileName().toString();
        if (!name.startsWith(".") && (report || !OF_THE_RUN.contains(name))) {
          files.put(name, entry);
        }
      }
    }
    return files;
  }
}
