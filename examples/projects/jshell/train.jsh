// Runs in JShell like a notebook: jshell --class-path "$(cat class-path)" -R-Dmodel=DIR -R-Dout=DIR train.jsh
import io.dil.core.model.GenerationOptions
import io.dil.data.*
import io.dil.train.*
import io.dil.train.config.*
import java.sql.DriverManager

// The comparisons: a table that a script fills.
var pairs = new ArrayList<PreferencePair>()
var address = "jdbc:h2:mem:;init=runscript from 'comparisons.sql'"
var rows = DriverManager.getConnection(address).createStatement().executeQuery("select * from comparison order by id")
while (rows.next()) pairs.add(new PreferencePair(rows.getString(1), new Prompt.Plain(rows.getString(2)), rows.getString(3), rows.getString(4)))

// What the model says before.
var prompt = new Prompt.Plain("ask mira for tea :")
var before = LanguageModel.open(System.getProperty("model"))
System.out.println("before:" + before.generate(prompt.text(), GenerationOptions.greedy(24)))
before.close()

var config = TrainingConfig.builder().set(Settings.MODEL, System.getProperty("model")).set(Settings.OUTPUT_DIR, System.getProperty("out")).set(Settings.LEARNING_RATE, 3e-4).set(Settings.EPOCHS, 2.0).set(Settings.MAX_LENGTH, 64).examples(pairs.stream()).build()
var result = new TrainingRun(config).run()
System.out.println(result.outcome() + " after " + result.steps() + " steps")

// And after.
var after = LanguageModel.open(System.getProperty("out"))
System.out.println("after:" + after.generate(prompt.text(), GenerationOptions.greedy(24)))
after.close()
/exit
