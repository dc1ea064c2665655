package io.dil.train;

import ai.djl.Device;
import io.dil.core.TokenGroup;
import io.dil.core.model.CausalLm;
import io.dil.core.model.ComputeOptions;
import io.dil.core.model.LowRank;
import io.dil.core.model.RewardStart;
import io.dil.data.TokenizedExample;
import io.dil.losses.PreferenceLoss;
import io.dil.train.PassResults.Both;
import io.dil.train.config.DeviceSettings;
import io.dil.train.config.OptimSettings;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import io.dil.train.objective.Objective;
import io.dil.train.optim.Optimizer;
import io.dil.train.rank.Ranks;
import io.dil.train.rank.Replica;
import io.dil.train.reference.CachedReference;
import io.dil.train.reference.ReferenceScores;
import io.dil.train.reference.ScoreFile;
import io.dil.train.run.OptimizerFile;
import io.dil.train.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The models, references and optimisers of a run's ranks, opened and written by all at once. */
final class RankModels implements AutoCloseable {
  private final TrainingConfig config;
  private final PreferenceLoss loss;
  private final Function<@Nullable Path, List<RunModels>> opening;
  private final Ranks ranks;
  private final List<RunModels> models;
  private @Nullable Path checkpoint;
  private final List<ReferenceScores> references = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();

  private RankModels(
      TrainingConfig config,
      PreferenceLoss loss,
      @Nullable Path checkpoint,
      Ranks ranks,
      Function<@Nullable Path, List<RunModels>> opening) {
    this.config = config;
    this.loss = loss;
    this.checkpoint = checkpoint;
    this.ranks = ranks;
    this.opening = opening;
    this.models = new ArrayList<>(opening.apply(checkpoint));
  }

  /**
   * Loads nothing yet.
   *
   * @param reward how the model becomes a reward model; null where a language model is trained
   * @param checkpoint where the run goes on; null for a fresh run
   */
  static RankModels open(
      TrainingConfig config,
      PreferenceLoss loss,
      @Nullable RewardStart reward,
      StoredModel model,
      @Nullable Path checkpoint,
      Ranks ranks,
      Function<Device, ComputeOptions> compute) {
    return new RankModels(
        config,
        loss,
        checkpoint,
        ranks,
        from ->
            ranks.each(
                rank ->
                    RunModels.of(
                        config,
                        reward,
                        model,
                        from,
                        ranks.device(rank),
                        compute.apply(ranks.device(rank)),
                        ranks.group(rank))));
  }

  /** Opens what the reference's scores come from, and computes them where they are kept on disk. */
  void openReferences(RunFolder folder, TrainingListener listener, RunData data)
      throws IOException {
    if (!loss.needsReference()) {
      return;
    }
    if (!config.get(Settings.PRECOMPUTE_REFERENCE)) {
      references.addAll(ranks.each(rank -> models.get(rank).reference()));
      return;
    }
    String cache = config.get(Settings.REFERENCE_CACHE);
    if (cache.isEmpty()) {
      folder.begin();
    }
    Path place = cache.isEmpty() ? folder.path().resolve("reference") : Path.of(cache);
    String model =
        ScoreFile.fingerprint(models.get(0).referenceFiles(), RunModels.precision(config).name());
    ScoreFile file = ranks.lead() ? ScoreFile.open(place, model) : ScoreFile.follow(place, model);
    if (file.damaged() > 0) {
      listener.message(file.damaged() + " reference scores are damaged and computed again");
    }
    listener.message("scoring the reference; " + file.size() + " responses are known already");
    List<CachedReference> cached = new ArrayList<>();
    for (RunModels own : models) {
      cached.add(new CachedReference(file, own::reference));
    }
    references.addAll(cached);
    Objective objective = Objective.of(loss);
    List<List<TokenizedExample>> round = new ArrayList<>();
    data.scored(
        batch -> {
          round.add(batch);
          if (round.size() == ranks.size()) {
            score(round, cached, objective);
          }
        });
    score(round, cached, objective);
    cached.forEach(CachedReference::release);
  }

  private void score(
      List<List<TokenizedExample>> round, List<CachedReference> cached, Objective objective) {
    List<List<TokenGroup>> groups =
        round.stream().map(batch -> batch.stream().map(objective::group).toList()).toList();
    List<Both> scores =
        ranks.map(
            groups,
            (rank, i, group) ->
                new Both(cached.get(rank).scores(group), null, new double[0], List.of()),
            rank -> {},
            PassResults.BOTH);
    for (int i = 0; i < groups.size() && ranks.areProcesses(); i++) {
      cached.get(0).keep(groups.get(i), scores.get(i).policy());
    }
    round.clear();
  }

  /** Loads the policy and makes its optimiser, as the checkpoint left them. */
  void openPolicies() throws IOException {
    replicas.addAll(ranks.each(this::replica));
  }

  private Replica replica(int rank) throws IOException {
    CausalLm policy = models.get(rank).policy();
    Optimizer optimizer =
        config
            .optimizer()
            .create(
                policy.parameters(),
                policy.manager(),
                policy.kernels(),
                ranks.group(rank),
                models.get(rank).tables());
    double ratio = config.get(OptimSettings.LORAPLUS_RATIO);
    optimizer.setFactors(name -> name.endsWith(LowRank.B) ? ratio : 1);
    if (checkpoint != null) {
      OptimizerFile.read(
          checkpoint,
          optimizer,
          policy.parameters(),
          policy.kernels(),
          policy.manager(),
          ranks.group(rank));
    }
    return new Replica(policy, references.isEmpty() ? null : references.get(rank), optimizer);
  }

  /**
   * Puts the model of another checkpoint in the place of what was trained, to be written and asked;
   * nothing is trained after that.
   */
  void load(Path other) throws IOException {
    close();
    replicas.clear();
    references.clear();
    models.clear();
    checkpoint = null;
    models.addAll(opening.apply(other));
    openPolicies();
  }

  /** Returns what each rank trains with, in order. */
  List<Replica> replicas() {
    return replicas;
  }

  /**
   * Returns what {@code work} gives for the policy: on all ranks at once where they hold its
   * weights together, else on the first.
   *
   * @param elsewhere what is returned in a process without the first
   */
  <T> T withPolicy(Function<CausalLm, T> work, T elsewhere) {
    if (config.get(DeviceSettings.ZERO_STAGE) < 3) {
      return ranks.lead() ? work.apply(replicas.get(0).policy()) : elsewhere;
    }
    return ranks.each(rank -> work.apply(replicas.get(rank).policy())).get(0);
  }

  /** Returns the values that rank 0 has, in every process: what follows from them is the same. */
  Map<String, Double> ofLeader(Map<String, Double> values) {
    if (!ranks.areProcesses()) {
      return values;
    }
    StringBuilder text = new StringBuilder();
    if (ranks.lead()) {
      values.forEach((name, value) -> text.append(name).append('\n').append(value).append('\n'));
    }
    byte[][] all = ranks.group(0).gather(text.toString().getBytes(StandardCharsets.UTF_8));
    List<String> lines = new String(all[0], StandardCharsets.UTF_8).lines().toList();
    Map<String, Double> shared = new LinkedHashMap<>();
    for (int i = 0; i + 1 < lines.size(); i += 2) {
      shared.put(lines.get(i), Double.valueOf(lines.get(i + 1)));
    }
    return shared;
  }

  /** Writes what a checkpoint needs of the policy and, unless it is of that alone, the rest. */
  void save(Path folder, boolean modelOnly) throws IOException {
    ranks.<Integer, IOException>each(
        rank -> {
          Replica replica = replicas.get(rank);
          models.get(rank).save(folder);
          if (modelOnly) {
            return rank;
          }
          OptimizerFile.write(
              folder,
              replica.optimizer(),
              replica.policy().parameters(),
              replica.policy().kernels(),
              ranks.group(rank));
          return rank;
        });
    if (!ranks.lead()) {
      return;
    }
    for (ReferenceScores reference : modelOnly ? List.<ReferenceScores>of() : references) {
      reference.save(folder);
    }
    ChatTemplateFile.write(folder, config);
  }

  /** Returns whether this process writes what the run leaves. */
  boolean lead() {
    return ranks.lead();
  }

  /** Returns whether there are ranks in other processes. */
  boolean areProcesses() {
    return ranks.areProcesses();
  }

  /** Tells the references that step number {@code step} was taken. */
  void stepped(long step) {
    for (Replica replica : replicas) {
      ReferenceScores reference = replica.reference();
      if (reference != null) {
        reference.stepped(step, replica.policy());
      }
    }
  }

  /** Writes what the run is for. */
  void finish(Path folder) throws IOException {
    ranks.<Integer, IOException>each(
        rank -> {
          models.get(rank).finish(folder);
          return rank;
        });
    if (ranks.lead()) {
      ChatTemplateFile.write(folder, config);
      ChatTemplateFile.write(folder.resolve(RunFolder.MERGED), config);
    }
  }

  @Override
  public void close() {
    replicas.forEach(replica -> replica.optimizer().close());
    references.forEach(ReferenceScores::close);
    models.forEach(RunModels::close);
  }
}
