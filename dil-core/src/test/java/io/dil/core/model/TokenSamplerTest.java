package io.dil.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.dil.core.InputException;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenSamplerTest {
  private static final float[] LOGITS = {1, 3, 2, 0, -1};
  private static final int DRAWS = 40_000;

  @Test
  void temperatureZeroTakesTheLikeliest() {
    assertEquals(1, sampler(GenerationOptions.greedy(1)).next(LOGITS.clone(), new BitSet()));
  }

  @Test
  void sharesFollowTheSoftmax() {
    double[] shares = shares(new GenerationOptions(1, 2, 0, 1, 1, 5));
    double total = 0;
    for (float logit : LOGITS) {
      total += Math.exp(logit / 2.0);
    }
    for (int i = 0; i < LOGITS.length; i++) {
      assertEquals(Math.exp(LOGITS[i] / 2.0) / total, shares[i], 0.01, "token " + i);
    }
  }

  @Test
  void topKKeepsTheLikeliest() {
    double[] shares = shares(new GenerationOptions(1, 1, 2, 1, 1, 5));
    assertEquals(Math.exp(3) / (Math.exp(3) + Math.exp(2)), shares[1], 0.01);
    assertEquals(1, shares[1] + shares[2], 1e-12);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    // softmax(3, 2, 1, 0, −1) = .636, .234, .086, …: two tokens are the fewest that reach .7.
    double[] shares = shares(new GenerationOptions(1, 1, 0, 0.7, 1, 5));
    assertEquals(1, shares[1] + shares[2], 1e-12);
    assertEquals(Math.exp(3) / (Math.exp(3) + Math.exp(2)), shares[1], 0.01);
  }

  @Test
  void repetitionPenaltyMakesSeenTokensLessLikely() {
    BitSet seen = new BitSet();
    seen.set(1);
    seen.set(4);
    float[] logits = LOGITS.clone();
    // 3 / 2 = 1.5 is below the 2 of token 2; the negative logit is multiplied.
    assertEquals(2, sampler(new GenerationOptions(1, 0, 0, 1, 2, 5)).next(logits, seen));
    assertEquals(1.5, logits[1], 1e-6);
    assertEquals(-2, logits[4], 1e-6);
  }

  @Test
  void aSeedFixesTheDraws() {
    GenerationOptions options = GenerationOptions.sample(1, 1, 5);
    TokenSampler one = sampler(options);
    TokenSampler other = sampler(options);
    for (int i = 0; i < 100; i++) {
      assertEquals(
          one.next(LOGITS.clone(), new BitSet()), other.next(LOGITS.clone(), new BitSet()));
    }
  }

  @Test
  void rangesAreChecked() {
    assertThrows(InputException.class, () -> new GenerationOptions(0, 1, 0, 1, 1, 0));
    assertThrows(InputException.class, () -> new GenerationOptions(1, -1, 0, 1, 1, 0));
    assertThrows(InputException.class, () -> new GenerationOptions(1, 1, -1, 1, 1, 0));
    assertThrows(InputException.class, () -> new GenerationOptions(1, 1, 0, 0, 1, 0));
    assertThrows(InputException.class, () -> new GenerationOptions(1, 1, 0, 1, 0, 0));
  }

  private static double[] shares(GenerationOptions options) {
    TokenSampler sampler = sampler(options);
    double[] shares = new double[LOGITS.length];
    for (int i = 0; i < DRAWS; i++) {
      shares[sampler.next(LOGITS.clone(), new BitSet())] += 1.0 / DRAWS;
    }
    return shares;
  }

  private static TokenSampler sampler(GenerationOptions options) {
    return new TokenSampler(options, new SplittableRandom(options.seed()));
  }
}
