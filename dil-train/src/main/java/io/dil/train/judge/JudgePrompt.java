package io.dil.train.judge;

import io.dil.data.Turn;
import io.dil.train.sample.Stops;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a judge is asked, and how its answer is read.
 *
 * @param name how it is called
 * @param system the system message; empty for none
 * @param user the question, with {@code {prompt}}, {@code {first}} and {@code {second}}
 * @param verdict the words in front of the verdict on its line
 * @param labels what the two answers are called
 * @param promptFrom what stands before the part of the prompt that is shown; empty for its start
 * @param promptTo what stands after it; empty for its end
 * @param cutAnswersAt texts that end an answer
 */
public record JudgePrompt(
    String name,
    String system,
    String user,
    String verdict,
    List<String> labels,
    String promptFrom,
    String promptTo,
    List<String> cutAnswersAt) {
  private static final Pattern PLACE = Pattern.compile("\\{(prompt|first|second)\\}");

  /** Copies the lists. */
  public JudgePrompt {
    labels = List.copyOf(labels);
    cutAnswersAt = List.copyOf(cutAnswersAt);
  }

  /** Returns the messages that show two answers in an order. */
  List<Turn> messages(String prompt, String first, String second) {
    List<Turn> turns = new ArrayList<>();
    if (!system.isEmpty()) {
      turns.add(new Turn(Turn.SYSTEM, system));
    }
    StringBuilder text = new StringBuilder();
    Matcher found = PLACE.matcher(user);
    int at = 0;
    // In one pass: what an answer says in braces stays as it is.
    while (found.find()) {
      text.append(user, at, found.start());
      text.append(
          switch (found.group(1)) {
            case "prompt" -> shown(prompt);
            case "first" -> answer(first);
            default -> answer(second);
          });
      at = found.end();
    }
    turns.add(new Turn(Turn.USER, text.append(user, at, user.length()).toString()));
    return turns;
  }

  private String shown(String prompt) {
    int from = promptFrom.isEmpty() ? -1 : prompt.indexOf(promptFrom);
    int start = from < 0 ? 0 : from + promptFrom.length();
    int to = promptTo.isEmpty() ? -1 : prompt.indexOf(promptTo, start);
    return prompt.substring(start, to < 0 ? prompt.length() : to).strip();
  }

  /** Returns an answer as the judge sees it. */
  String answer(String text) {
    return Stops.before(text, cutAnswersAt).strip();
  }

  /**
   * Reads a verdict: on the last line that begins with the verdict's words, the label behind them;
   * where there is no such line, a label that is the answer's last word. Anything else is no
   * verdict, and none is guessed.
   *
   * @return 0 for the first answer, 1 for the second, or nothing
   */
  OptionalInt read(String reply) {
    Pattern line = Pattern.compile("(?im)^[\\s*_]*" + Pattern.quote(verdict) + "[*_]*:(.*)$");
    Matcher found = line.matcher(reply);
    String last = null;
    while (found.find()) {
      last = found.group(1);
    }
    if (last != null) {
      return index(last.replaceAll("^[\\s\"'“(*_<]+|[\\s\"'”).*_>]+$", ""));
    }
    String bare = reply.strip();
    int end = bare.length();
    while (end > 0 && "\"'”.)*_ ".indexOf(bare.charAt(end - 1)) >= 0) {
      end--;
    }
    int start = end;
    while (start > 0 && Character.isLetterOrDigit(bare.charAt(start - 1))) {
      start--;
    }
    return index(bare.substring(start, end));
  }

  private OptionalInt index(String label) {
    int index = labels.indexOf(label);
    return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
  }
}
