package io.dil.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A name is only suggested where it is near. */
class NearestTest {
  private static final List<String> NAMES = List.of("learning_rate", "train", "beta", "data");

  @Test
  void aThirdOfTheLettersMayDiffer() {
    assertEquals(Optional.of("learning_rate"), Nearest.near("learnig_rat", NAMES));
    assertEquals(Optional.of("beta"), Nearest.near("betta", NAMES));
    assertEquals(Optional.of("train"), Nearest.near("trian", NAMES), "two letters changed places");
    assertEquals(Optional.empty(), Nearest.near("gamma_beta_ratio", NAMES));
    assertEquals(Optional.empty(), Nearest.near("b", NAMES));
    assertEquals(Optional.empty(), Nearest.near("x", List.of()));
  }

  @Test
  void hintsAreWholeOrNothing() {
    assertEquals(" (did you mean data?)", Nearest.hint("dtaa", NAMES, " (did you mean ", "?)"));
    assertEquals("", Nearest.hint("zzz", NAMES, " (did you mean ", "?)"));
  }
}
