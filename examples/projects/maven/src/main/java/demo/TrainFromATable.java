package demo;

import io.dil.data.PreferencePair;
import io.dil.data.Prompt;
import io.dil.train.RunResult;
import io.dil.train.TrainingRun;
import io.dil.train.config.Settings;
import io.dil.train.config.TrainingConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Trains a model with DIL on the comparisons of a database. Arguments: JDBC address, model folder, output folder. */
public final class TrainFromATable {
  public static void main(String[] args) throws SQLException {
    TrainingConfig config =
        TrainingConfig.builder()
            .set(Settings.MODEL, args[1])
            .set(Settings.OUTPUT_DIR, args[2])
            .set(Settings.LEARNING_RATE, 3e-4)
            .set(Settings.EPOCHS, 2.0)
            .set(Settings.MAX_LENGTH, 64)
            .examples(pairs(args[0]))
            .build();
    RunResult result = new TrainingRun(config).run();
    System.out.printf(
        "%s after %d steps, %.0f %% of the pairs are told apart; the model is in %s%n",
        result.outcome(),
        result.steps(),
        100 * result.lastStep().get("rewards/accuracies"),
        result.folder());
  }

  private static List<PreferencePair> pairs(String address) throws SQLException {
    List<PreferencePair> pairs = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(address);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select * from comparison order by id")) {
      while (rows.next()) {
        pairs.add(
            new PreferencePair(
                rows.getString("id"),
                new Prompt.Plain(rows.getString("question")),
                rows.getString("better"),
                rows.getString("worse")));
      }
    }
    return pairs;
  }
}
