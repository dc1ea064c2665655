package io.dil.train.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.train.eval.math.MathAnswer;
import io.dil.train.eval.math.MathEquality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of the benchmarks on rows of our own, for where the references are missing. */
class OwnRowsTest {
  @TempDir Path folder;

  private List<Request> requests(String name, EvaluationOptions options) {
    Task task = Tasks.of(List.of(name)).get(0);
    List<Request> all = new ArrayList<>();
    Requests.of(task, folder.toString(), options, turns -> turns.toString()).forEach(all::add);
    return all;
  }

  private void write(String file, String... lines) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, String.join("\n", lines) + "\n");
  }

  @Test
  void mmluProLettersItsOptions() throws IOException {
    write(
        "mmlu_pro/test.jsonl",
        "{\"question\":\"Which is red?\",\"options\":[\"grass\",\"blood\",\"N/A\"],\"answer\":\"B\"}");
    String shot = "{\"question\":\"1+1?\",\"options\":[\"2\",\"3\"],\"answer\":\"A\"}";
    write("mmlu_pro/validation.jsonl", shot, shot, shot, shot, shot, shot.replace("1+1", "9+9"));
    Request only = requests("mmlu_pro", EvaluationOptions.DEFAULT).get(0);
    assertEquals(
        "1+1?\nA. 2\nB. 3\nAnswer: A\n\n".repeat(5)
            + "Which is red?\nA. grass\nB. blood\nC. N/A\nAnswer:",
        only.context());
    assertEquals(List.of(" A", " B", " C"), only.continuations());
    assertEquals(1, only.item().gold());
  }

  @Test
  void bbhGluesItsDescriptionToTheFirstQuestion() throws IOException {
    write(
        "bbh/object_counting.json",
        "{\"canary\":\"x\",\"examples\":[{\"input\":\"How many?\",\"target\":\"7\"},"
            + "{\"input\":\"And now?\",\"target\":\"99\"}]}");
    List<Request> two = requests("bbh_object_counting", EvaluationOptions.DEFAULT);
    assertTrue(
        two.get(0)
            .context()
            .startsWith(
                "Questions that involve enumerating objects and asking the model to count"
                    + " them.Q: I have a blackberry"));
    assertTrue(two.get(0).context().endsWith("\n\nQ: How many?\nA:"));
    // Digits are an index into the choices, which count from 0.
    assertEquals(7, two.get(0).item().gold());
    assertEquals(" 7", two.get(0).continuations().get(7));
    assertEquals(Item.NONE, two.get(1).item().gold());
  }

  @Test
  void musrReadsBothLayouts() throws IOException {
    String story = "Once, someone did it.";
    write(
        "musr/murder_mystery.json",
        "[{\"context\":\""
            + story
            + "\",\"questions\":[{\"question\":\"Who?\",\"answer\":1,\"choices\":[\"Ann\",\"Bo's\"]}]}]");
    write(
        "hub/murder_mystery.csv",
        "narrative,question,choices,answer_index,answer_choice",
        "\"" + story + "\",Who?,\"['Ann', \"\"Bo's\"\"]\",1,Bo's");
    Request authors = requests("musr_murder_mysteries", EvaluationOptions.DEFAULT).get(0);
    assertEquals(story + "\n\nWho?\n\n1 - Ann\n2 - Bo's\n\nAnswer:", authors.context());
    assertEquals(1, authors.item().gold());
    folder = folder.resolve("hub");
    Request hub = requests("musr_murder_mysteries", EvaluationOptions.DEFAULT).get(0);
    assertEquals(authors.context(), hub.context());
    assertEquals(authors.continuations(), hub.continuations());
    assertEquals(1, hub.item().gold());
  }

  @Test
  void drawsFollowOneAnotherAndALimitKeepsThem() throws IOException {
    List<String> train = new ArrayList<>();
    List<String> test = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      train.add("{\"question\":\"t" + i + "\",\"answer\":\"#### " + i + "\"}");
      test.add("{\"question\":\"q" + i + "\",\"answer\":\"#### " + i + "\"}");
    }
    write("gsm8k/train.jsonl", train.toArray(String[]::new));
    write("gsm8k/test.jsonl", test.toArray(String[]::new));
    List<Request> all = requests("gsm8k", EvaluationOptions.DEFAULT);
    // random.Random(1234).sample(range(60), 5), twice, by CPython 3.11.
    assertEquals(context("q0", 49, 28, 7, 0, 5), all.get(0).context());
    assertEquals(context("q1", 58, 51, 37, 2, 42), all.get(1).context());
    assertEquals(all.subList(0, 3), requests("gsm8k", EvaluationOptions.DEFAULT.withLimit(3)));
    List<Request> old = requests("gsm8k-v0", EvaluationOptions.DEFAULT);
    assertArrayEquals(
        new PythonRandom(42).shuffled(60), old.stream().mapToInt(Request::row).toArray());
  }

  private static String context(String question, int... drawn) {
    StringBuilder text = new StringBuilder();
    for (int one : drawn) {
      text.append("Question: t%d\nAnswer: #### %d\n\n".formatted(one, one));
    }
    return text + "Question: " + question + "\nAnswer:";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "so 3 + 4 = 7 #### 7|7|1|1",
        "#### 1,234|#### 1234|1|1",
        "the answer is $18.|#### 18|0|1",
        "#### 18.00|#### 18|0|0",
        "nothing|#### 3|0|0"
      })
  void gsm8kFilters(String text, String gold, double strict, double flexible) {
    List<Metric> metrics = Tasks.of(List.of("gsm8k")).get(0).metrics();
    Item item = new Item("row:1", "", gold, List.of(), Item.NONE);
    assertEquals(strict, metrics.get(0).value(item, new Answer.Written(text)));
    assertEquals(flexible, metrics.get(1).value(item, new Answer.Written(text)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\\dfrac{1}{2}|\\frac{1}{2}|true",
        "\\frac{3}{6}|0.5|true",
        "2\\sqrt{3}|\\sqrt{12}|true",
        "\\sqrt{2}|1.41421356|false",
        "(x+1)^2|x^2+2x+1|true",
        "x(x+1)|x^2+x|false",
        "08|8|false",
        "81\\%|81|false",
        "10^{30}|10^{30}+1|false",
        "3\\pi|\\pi3|true",
        "\\infty|\\infty|false",
        "(1,2)|(1,2)|false",
        "\\binom{5}{2}|10|true",
        "4!|24|true",
        "9^{9^{9^{9}}}|1|false",
        "-2^2|-4|true",
        "\\sin^{2}x+\\cos^{2}x|1|true"
      })
  void valuesOfMath(String a, String b, boolean same) {
    assertEquals(same, MathEquality.equal(a, b));
    assertEquals(same, MathEquality.equal(b, a));
  }

  @Test
  void answersOfMath() {
    assertEquals("\\frac{1}{2}", MathAnswer.boxed("so $\\boxed{\\frac{1}{2}}$."));
    assertEquals(MathAnswer.INVALID, MathAnswer.stated("The final answer is $2$."));
    assertEquals(
        "$2$",
        MathAnswer.stated("Final Answer: The final answer is $2$. I hope it is correct. More"));
    assertEquals("\\frac{1}{2}", MathAnswer.normalized("x = $\\frac12$"));
    assertEquals("1000", MathAnswer.normalized("1,000"));
    // "ft" is deleted wherever it stands, as in the published normal form.
    assertEquals("\\le(1,2\\right)", MathAnswer.normalized("\\left(1,2\\right)"));
    assertFalse(MathEquality.equal("\\le(1,2\\right)", "\\le(1,2\\right)"));
  }

  @Test
  void accNormDividesByCharacters() {
    Item item = new Item("row:1", "", "", List.of("no", "certainly"), 1);
    Answer scores = new Answer.Scores(List.of(-3.0, -9.0));
    assertEquals(0, new Acc("acc", false).value(item, scores));
    assertEquals(1, new Acc("acc_norm", true).value(item, scores));
    // Of equals the first.
    Answer equal = new Answer.Scores(List.of(-1.0, -1.0));
    assertEquals(0, new Acc("acc", false).value(item, equal));
  }

  @Test
  void groupsAreWeightedByRows() {
    Statistic few = Statistic.of(List.of(1.0, 1.0));
    Statistic many = Statistic.of(List.of(0.0, 0.0, 0.0, 1.0));
    Statistic both = Statistic.pooled(List.of(few, many));
    assertEquals(0.5, both.mean(), 1e-12);
    // sqrt((1*2*0 + 3*4*s^2) / (6 - 2) / 6) with s^2 = 0.25 / 4.
    assertEquals(Math.sqrt(3 * 4 * 0.0625 / 4 / 6), both.stderr(), 1e-12);
  }
}
