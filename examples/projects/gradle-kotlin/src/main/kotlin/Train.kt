import io.dil.data.PreferencePair
import io.dil.data.Prompt
import io.dil.train.TrainingRun
import io.dil.train.config.Settings
import io.dil.train.config.TrainingConfig
import java.sql.DriverManager

/** Trains a model with DIL on the comparisons of a database. Arguments: JDBC address, model folder, output folder. */
fun main(args: Array<String>) {
    val config = TrainingConfig.builder()
        .set(Settings.MODEL, args[1])
        .set(Settings.OUTPUT_DIR, args[2])
        .set(Settings.LEARNING_RATE, 3e-4)
        .set(Settings.EPOCHS, 2.0)
        .set(Settings.MAX_LENGTH, 64)
        .examples(pairs(args[0]))
        .build()
    val result = TrainingRun(config).run()
    println("${result.outcome()} after ${result.steps()} steps; the model is in ${result.folder()}")
}

private fun pairs(address: String): List<PreferencePair> =
    DriverManager.getConnection(address).use { connection ->
        val rows = connection.createStatement().executeQuery("select * from comparison order by id")
        generateSequence { if (rows.next()) rows else null }
            .map {
                PreferencePair(
                    it.getString("id"), Prompt.Plain(it.getString("question")), it.getString("better"), it.getString("worse"))
            }
            .toList()
    }
