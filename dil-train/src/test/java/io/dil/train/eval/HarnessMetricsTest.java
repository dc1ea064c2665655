package io.dil.train.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dil.train.eval.math.MathAnswer;
import io.dil.train.eval.math.MathEquality;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Draws, filters, normal forms and verdicts are those of Python and of the harness. */
class HarnessMetricsTest {
  private static int[] ints(JsonNode list) {
    int[] all = new int[list.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = list.get(i).asInt();
    }
    return all;
  }

  @Test
  void drawsArePythons() {
    JsonNode golden = Goldens.read("python_random.json");
    PythonRandom bits = new PythonRandom(1234);
    for (JsonNode word : golden.path("mt19937_1234_getrandbits32")) {
      assertEquals(word.asLong(), Integer.toUnsignedLong(bits.bits()));
    }
    now(golden.path("gsm8k_now"), 7473, 5);
    now(golden.path("arc_challenge_now"), 1119, 25);
    shuffled(golden.path("gsm8k_2023"), 1319, 7473, 5);
    shuffled(golden.path("arc_challenge_2023"), 1172, 1119, 25);
    for (JsonNode small : golden.path("small")) {
      PythonRandom random = new PythonRandom(small.path("seed").asLong());
      for (JsonNode draw : small.path("draws")) {
        assertArrayEquals(
            ints(draw), random.sample(small.path("n").asInt(), small.path("k").asInt()));
      }
    }
    for (JsonNode one : golden.path("shuffles")) {
      assertArrayEquals(
          ints(one.path("order")),
          new PythonRandom(one.path("seed").asLong()).shuffled(one.path("n").asInt()));
    }
  }

  private static void now(JsonNode draws, int pool, int count) {
    PythonRandom random = new PythonRandom(Shots.SEED);
    for (JsonNode draw : draws) {
      assertArrayEquals(ints(draw), random.sample(pool, count));
    }
  }

  private static void shuffled(JsonNode golden, int rows, int pool, int count) {
    PythonRandom random = new PythonRandom(Shots.SEED_2023);
    int[] order = random.shuffled(rows);
    int[] expected = ints(golden.path("order"));
    assertArrayEquals(expected, java.util.Arrays.copyOf(order, expected.length));
    for (JsonNode draw : golden.path("draws")) {
      assertArrayEquals(ints(draw), random.sample(pool, count));
    }
  }

  private static Item item(String gold) {
    return new Item("test:1", "", gold, List.of(), Item.NONE);
  }

  @Test
  void filtersOfGsm8kAreTheHarnesss() {
    List<Metric> now = Goldens.task("gsm8k").metrics();
    Metric old = Goldens.task("gsm8k-v0").metrics().get(0);
    JsonNode rows = Goldens.read("metric_gsm8k.json").path("rows");
    for (JsonNode row : rows) {
      Item item = item(row.path("gold").asText());
      Answer answer = new Answer.Written(row.path("completion").asText());
      assertEquals(row.path("strict").asText(), now.get(0).taken(item, answer));
      assertEquals(row.path("strict_match").asDouble(), now.get(0).value(item, answer));
      assertEquals(row.path("flexible").asText(), now.get(1).taken(item, answer));
      assertEquals(row.path("flexible_match").asDouble(), now.get(1).value(item, answer));
      assertEquals(row.path("old_acc").asBoolean(), old.value(item, answer) == 1);
    }
    assertTrue(rows.size() >= 172, "rows of the reference file");
  }

  @Test
  void normalFormsOfMathAreTheHarnesss() {
    for (JsonNode row : Goldens.read("metric_math_normalize.json").path("rows")) {
      assertEquals(
          row.path("normalized").asText(), MathAnswer.normalized(row.path("answer").asText()));
    }
  }

  @Test
  void verdictsOfMathAreTheHarnesss() {
    JsonNode golden = Goldens.read("metric_math_equiv.json");
    List<String> missed = new ArrayList<>();
    int pairs = 0;
    for (JsonNode row : golden.path("rows")) {
      if (row.has("completion")) {
        String stated = MathAnswer.stated(row.path("completion").asText());
        assertEquals(row.path("extracted").asText(), stated);
        assertEquals(row.path("normalized").asText(), MathAnswer.normalized(stated));
        continue;
      }
      pairs++;
      String gold = row.path("gold_normalized").asText();
      String mine = MathAnswer.normalized(row.path("extracted").asText());
      assertEquals(row.path("normalized").asText(), mine);
      assertEquals(gold, MathAnswer.normalized(row.path("gold").asText()));
      boolean same = mine.strip().equals(gold.strip());
      assertEquals(row.path("string_equal").asBoolean(), same);
      boolean value = MathEquality.equal(mine, gold);
      if (value != row.path("sympy_equal").asBoolean()) {
        missed.add("value " + gold + " | " + mine);
      }
      if ((same || value) != (row.path("exact_match_original").asInt() == 1)) {
        missed.add("verdict " + gold + " | " + mine);
      }
    }
    assertEquals(List.of(), missed);
    assertTrue(pairs >= 288, "pairs of the reference file");
    for (JsonNode box : golden.path("boxed")) {
      assertEquals(box.path("inner").asText(), MathAnswer.boxed(box.path("text").asText()));
    }
  }
}
