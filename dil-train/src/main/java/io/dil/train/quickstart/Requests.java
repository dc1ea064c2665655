package io.dil.train.quickstart;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A small language: a prompt says whom to ask for what, a response asks. Responses are polite or
 * rude, and polite ones that name the right person and the right thing are preferred. The
 * preference is a rule, so that its effect can be counted.
 */
public final class Requests {
  private static final List<String> NAMES =
      List.of(
          "mira", "noah", "tess", "omar", "lena", "ivan", "rosa", "hugo", "anna", "finn", "yuki",
          "ravi", "sara", "kofi", "elsa", "juan");
  private static final List<String> THINGS =
      List.of(
          "bread", "milk", "paper", "water", "soap", "rope", "salt", "glue", "chalk", "honey",
          "thread", "candles", "stamps", "apples", "nails", "tea");
  private static final List<String> POLITE =
      List.of(
          "dear %s , may i have some %s , please ?",
          "please , %s , could you pass me the %s ?",
          "%s , would you kindly bring %s ? please and thank you !");
  private static final List<String> RUDE =
      List.of("%s , give me %s now !", "hey %s , where is my %s ?", "%s ! bring %s , or else !");

  private Requests() {}

  /** A person and a thing. */
  public record Request(String name, String thing) {
    /** Returns the prompt. */
    public String prompt() {
      return "ask %s for %s :".formatted(name, thing);
    }

    /** Returns a polite response. */
    public String polite(RandomGenerator random) {
      return " " + POLITE.get(random.nextInt(POLITE.size())).formatted(name, thing);
    }

    /** Returns a rude response. */
    public String rude(RandomGenerator random) {
      return " " + RUDE.get(random.nextInt(RUDE.size())).formatted(name, thing);
    }

    /**
     * Returns whether {@code response} is one of the preferred: polite, whole, and to the point.
     */
    public boolean prefers(String response) {
      String normal = response.trim().replaceAll("\\s+", " ");
      return POLITE.stream().anyMatch(form -> form.formatted(name, thing).equals(normal));
    }
  }

  /** Returns every request whose combination of name and thing is held out, or every other one. */
  public static List<Request> all(boolean heldOut) {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      for (int j = 0; j < THINGS.size(); j++) {
        // A diagonal pattern: every name and every thing is seen in training, their pairing is not.
        boolean held = (i + j) % 4 == 0;
        if (held == heldOut) {
          requests.add(new Request(NAMES.get(i), THINGS.get(j)));
        }
      }
    }
    return requests;
  }

  /** Returns every word of the language. */
  public static Set<String> words() {
    Set<String> words = new LinkedHashSet<>();
    String frame = new Request("", "").prompt();
    List<String> texts = new ArrayList<>(List.of(frame));
    POLITE.forEach(form -> texts.add(form.replace("%s", " ")));
    RUDE.forEach(form -> texts.add(form.replace("%s", " ")));
    texts.addAll(NAMES);
    texts.addAll(THINGS);
    texts.forEach(text -> words.addAll(List.of(text.trim().split("\\s+"))));
    return words;
  }
}
