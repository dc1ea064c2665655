package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadlineTest {

  @Test
  void saysWhatTrainingDid() {
    List<Map<String, Double>> steps = Runs.of(200, "loss", step -> step == 1 ? -0.5 : -0.75);
    steps.forEach(row -> row.put("rewards/margins", row.get("step") == 1 ? 0 : 0.25));
    steps.forEach(row -> row.put("logps/chosen_drift", row.get("step") == 1 ? 0 : -1.5));
    List<Map<String, Double>> evaluations =
        List.of(
            Runs.row(0, "eval_rewards/accuracies", 0.5),
            Runs.row(200, "eval_rewards/accuracies", 0.75));

    assertEquals(
        "After 200 steps the loss fell from -0.5 to -0.75;"
            + " held-out accuracy went from 50\u00a0% in step 0 to 75\u00a0%;"
            + " the margin is +0.25; chosen responses are less likely than before (-1.5 nats).",
        Headline.of(Runs.data(steps, evaluations)).sentence());
  }

  @Test
  void heldOutPairsSpeakBeforeTrainingPairs() {
    List<Map<String, Double>> steps = Runs.of(20, "logps/chosen_drift", step -> 12);
    List<Map<String, Double>> evaluations = Runs.of(2, "eval_logps/chosen_drift", step -> 0.5);

    Headline headline = Headline.of(Runs.data(steps, evaluations));

    assertEquals(
        "After 20 steps chosen responses are more likely than before (+0.5 nats).",
        headline.sentence());
    assertEquals(
        List.of(new Headline.Tile("Chosen drift", "+0.5 nats", "held-out pairs")),
        headline.tiles());
  }

  @Test
  void aLossThatFallsInTrainingAloneIsSeen() {
    List<Map<String, Double>> steps = Runs.of(20, "loss", step -> step == 1 ? 0.693147 : 0.1);
    List<Map<String, Double>> evaluations = Runs.of(2, "eval_loss", step -> step == 1 ? 0.69 : 0.8);

    assertEquals(
        "After 20 steps the loss fell from 0.693 to 0.1 (held-out: 0.69 to 0.8).",
        Headline.of(Runs.data(steps, evaluations)).sentence());
  }

  @Test
  void withoutEvaluationsAccuracyIsThatOfTheLastBatches() {
    List<Map<String, Double>> steps = Runs.of(20, "loss", step -> step);
    steps.forEach(row -> row.put("rewards/accuracies", row.get("step") <= 10 ? 0.0 : 1.0));

    assertEquals(
        "After 20 steps the loss rose from 1 to %s; 100\u00a0%% of the training pairs are ranked as preferred."
            .formatted((11 + 20) / 2.0),
        Headline.of(Runs.data(steps, List.of())).sentence());
  }

  @Test
  void aDriftOfNothingIsSaid() {
    List<Map<String, Double>> steps = Runs.of(4, "logps/chosen_drift", step -> 0);

    assertEquals(
        "After 4 steps chosen responses are as likely as before (0 nats).",
        Headline.of(Runs.data(steps, List.of())).sentence());
  }

  @Test
  void aRunOfNothingButNaNSaysSo() {
    Headline headline = Headline.of(Runs.data(Runs.of(3, "loss", step -> Double.NaN), List.of()));

    assertEquals("After 3 steps no finite value was recorded.", headline.sentence());
    assertEquals(
        List.of("loss was not finite in 3 of 3 steps, first in step 1"), headline.warnings());
  }

  @Test
  void anAccuracySaysHowManyPairsItRestsOn() {
    List<Map<String, Double>> evaluations = Runs.of(2, "eval_rewards/accuracies", step -> 0.75);
    evaluations.forEach(row -> row.put("eval_pairs", 64.0));

    Headline headline = Headline.of(Runs.data(Runs.of(2, "loss", step -> 1), evaluations));

    // Wilson's interval of 48 of 64.
    String rests = "64 pairs, 95\u00a0% interval 63\u00a0% to 84\u00a0%";
    assertEquals(
        "After 2 steps the loss stayed from 1 to 1;"
            + " held-out accuracy went from 75\u00a0% in step 1 to 75\u00a0% ("
            + rests
            + ").",
        headline.sentence());
    assertEquals(rests, headline.tiles().get(1).note());
  }

  @Test
  void aHeldOutLossThatRisesIsAWarning() {
    double[] losses = {0.7, 0.6, 0.65};
    List<Map<String, Double>> evaluations = Runs.of(3, "eval_loss", step -> losses[step - 1]);
    List<Map<String, Double>> steps = Runs.of(3, "loss", step -> 1 / step);

    assertEquals(
        List.of(
            "Held-out loss rises: 0.6 at its lowest, in step 2, and 0.65 at the end."
                + " By that loss the model of that step is the better one."),
        Headline.of(Runs.data(steps, evaluations)).warnings());
    evaluations.get(2).put("eval_loss", 0.601);
    assertEquals(List.of(), Headline.of(Runs.data(steps, evaluations)).warnings());
  }

  @Test
  void aCollapseOfTheChosenLikelihoodIsAWarning() {
    List<Map<String, Double>> steps = Runs.of(20, "logps/chosen_drift", step -> -4.5 * step);
    steps.forEach(row -> row.put("logps/chosen_drift_per_token", -0.9));

    List<String> warnings = Headline.of(Runs.data(steps, List.of())).warnings();

    assertEquals(1, warnings.size());
    // The mean of the last ten of twenty steps is -4.5 * 15.5.
    assertEquals(
        "The likelihood of chosen responses collapses: they lost 69.8 nats (-0.9 per token)"
            + " against the reference, so the margin grows by pushing both down. A smaller learning"
            + " rate, a larger beta or an SFT term holds them.",
        warnings.get(0));
  }

  @Test
  void aRewardModelThatPrefersALengthIsSeen() {
    assertEquals(
        List.of(
            "The model prefers short answers: held-out accuracy is 75\u00a0% where the chosen response"
                + " is shorter and 40\u00a0% where it is longer. A policy that is trained on these"
                + " rewards will learn the length."),
        lengths(0.75, 0.4, 30));
    assertEquals(1, lengths(0.4, 0.75, 30).size());
    assertEquals(List.of(), lengths(0.6, 0.5, 30));
    // Of so few pairs a difference says nothing.
    assertEquals(List.of(), lengths(0.75, 0.4, 29));
  }

  private static List<String> lengths(double shorter, double longer, double pairs) {
    List<Map<String, Double>> steps = Runs.of(4, "loss", step -> 1);
    List<Map<String, Double>> evaluations = Runs.of(1, "eval_pairs_shorter", step -> pairs);
    evaluations.forEach(row -> row.put("eval_pairs_longer", pairs + 10));
    evaluations.forEach(row -> row.put("eval_rewards/accuracies_shorter", shorter));
    evaluations.forEach(row -> row.put("eval_rewards/accuracies_longer", longer));
    return Headline.of(Runs.data(steps, evaluations)).warnings();
  }
}
