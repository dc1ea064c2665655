package io.dil.train.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dil.core.InputException;
import io.dil.data.Prompt;
import io.dil.data.Turn;
import io.dil.train.sample.Answers;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which answers become pairs, and what is counted of those that do not. */
class PairingTest {
  private static Answers answers(String id, String... texts) {
    return new Answers(
        id, new Prompt.Plain("ask " + id), List.of(texts), List.of(), List.of(), false);
  }

  private static AnswerPair only(Pairing pairing, Answers answers, double... rewards) {
    return pairing.pair(answers, rewards).orElseThrow();
  }

  @Test
  void theBestIsChosenAndTheWorstRejected() {
    Pairing pairing = new Pairing(PairRule.BEST_WORST, 0, 0);
    AnswerPair pair = only(pairing, answers("p", "a", "b", "c"), 0.5, 2, -1);
    assertEquals("b", pair.chosen());
    assertEquals("c", pair.rejected());
    assertEquals(2, pair.chosenReward());
    assertEquals(-1, pair.rejectedReward());
    // A tie goes to the answer that was drawn first.
    AnswerPair tied = only(pairing, answers("q", "a", "b", "c", "d"), 1, 1, 0, 0);
    assertEquals("a", tied.chosen());
    assertEquals("c", tied.rejected());
  }

  @Test
  void aRandomWorseOneDependsOnSeedAndPromptAlone() {
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      Answers answers = answers("p" + i, "a", "best", "c", "too");
      Pairing first = new Pairing(PairRule.BEST_RANDOM, 0, 7);
      Pairing second = new Pairing(PairRule.BEST_RANDOM, 0, 7);
      second.pair(answers("other", "a", "b"), new double[] {1, 0});
      String rejected = only(first, answers, 1, 3, 2, 3).rejected();
      assertEquals(rejected, only(second, answers, 1, 3, 2, 3).rejected());
      drawn.add(rejected);
    }
    // Never an answer as good as the best.
    assertEquals(Set.of("a", "c"), drawn);
  }

  @Test
  void whatGivesNoPairIsCountedByReason() {
    Pairing pairing = new Pairing(PairRule.BEST_WORST, 1, 0);
    assertTrue(pairing.pair(answers("p", "a", "a"), new double[] {1, 1}).isEmpty());
    assertTrue(pairing.pair(answers("q", "a", "b"), new double[] {1, 1}).isEmpty());
    assertTrue(pairing.pair(answers("r", "a", "b"), new double[] {1, 0.5}).isEmpty());
    assertTrue(pairing.pair(answers("s", "a", "b"), new double[] {1, 0}).isPresent());
    assertTrue(pairing.pair(answers("s", "b", "a"), new double[] {0, 1}).isEmpty());
    // An answer without text cannot be trained on; its reward is not looked at.
    assertTrue(pairing.pair(answers("t", "a", " "), new double[] {1, Double.NaN}).isEmpty());
    assertEquals(
        Map.of(
            Pairing.Drop.ONE_ANSWER, 2,
            Pairing.Drop.TIE, 1,
            Pairing.Drop.GAP, 1,
            Pairing.Drop.AGAIN, 1),
        pairing.drops());
    assertEquals(1, pairing.equalAnswers());
    assertEquals(1, pairing.emptyAnswers());
  }

  @Test
  void aRewardThatIsNoNumberNamesThePrompt() {
    Pairing pairing = new Pairing(PairRule.BEST_WORST, 0, 0);
    InputException error =
        assertThrows(
            InputException.class,
            () -> pairing.pair(answers("row-7", "a", "b"), new double[] {1, Double.NaN}));
    assertEquals(
        "row-7: reward must be finite, got NaN for an answer to 'ask row-7'", error.getMessage());
    assertThrows(
        InputException.class, () -> pairing.pair(answers("p", "a", "b"), new double[] {1}));
    assertThrows(
        IllegalArgumentException.class, () -> new Pairing(PairRule.BEST_WORST, Double.NaN, 0));
  }

  @Test
  void aPairIsDataThatTrainReads() {
    Pairing pairing = new Pairing(PairRule.BEST_WORST, 0, 0);
    AnswerRewards shorter = AnswerRewards.of((prompt, answer) -> -answer.length());
    Answers plain = answers("p", "long one", "short");
    assertEquals(
        "{\"id\":\"p\",\"prompt\":\"ask p\",\"chosen\":\"short\",\"rejected\":\"long one\","
            + "\"score_chosen\":-5.0,\"score_rejected\":-8.0,\"answers\":2}",
        pairing.pair(plain, shorter.rewards(plain)).orElseThrow().toJson().toString());
    Answers chat =
        new Answers(
            "c",
            new Prompt.Chat(List.of(new Turn("user", "hi"))),
            List.of("long one", "short"),
            List.of(),
            List.of(),
            false);
    assertEquals(
        "{\"id\":\"c\",\"prompt\":[{\"role\":\"user\",\"content\":\"hi\"}],"
            + "\"chosen\":[{\"role\":\"assistant\",\"content\":\"short\"}],"
            + "\"rejected\":[{\"role\":\"assistant\",\"content\":\"long one\"}],"
            + "\"score_chosen\":-5.0,\"score_rejected\":-8.0,\"answers\":2}",
        pairing.pair(chat, shorter.rewards(chat)).orElseThrow().toJson().toString());
  }
}
