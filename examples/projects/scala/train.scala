//> using dep io.dil:dil-train:0.2.0-SNAPSHOT
import io.dil.data.*, io.dil.train.TrainingRun, io.dil.train.config.*, scala.jdk.CollectionConverters.*
@main def train(model: String, out: String): Unit =
  val pairs = Seq(PreferencePair("1", Prompt.Plain("ask mira for tea :"), " mira , may i have tea , please ?", " tea ! now !"))
  val config = TrainingConfig.builder.set(Settings.MODEL, model).set(Settings.OUTPUT_DIR, out).examples(pairs.asJava).build
  println(TrainingRun(config).run())
