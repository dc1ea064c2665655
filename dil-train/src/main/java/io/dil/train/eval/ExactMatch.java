package io.dil.train.eval;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether what a regular expression finds in the text is the right answer.
 *
 * @param name the metric's name and its filter's
 * @param regex what is searched; null takes the whole text
 * @param last whether the last match counts, not the first
 * @param ofGold whether the right answer is searched too
 * @param ignore what is deleted from both, in this order, before they are compared without regard
 *     to case
 */
record ExactMatch(
    String name, @Nullable Pattern regex, boolean last, boolean ofGold, List<Pattern> ignore)
    implements Metric {
  /** What the harness's filter gives where nothing is found. */
  static final String INVALID = "[invalid]";

  /** Python's meaning of dot and dollar: a line ends at \n alone. */
  static final int FLAGS = Pattern.UNIX_LINES;

  ExactMatch {
    ignore = List.copyOf(ignore);
  }

  @Override
  public double value(Item item, Answer answer) {
    String found = taken(item, answer);
    String gold = ofGold ? filtered(item.answer()) : item.answer();
    return !(ofGold && found.equals(INVALID)) && bare(found).equals(bare(gold)) ? 1 : 0;
  }

  @Override
  public String taken(Item item, Answer answer) {
    return filtered(((Answer.Written) answer).text());
  }

  private String filtered(String text) {
    if (regex == null) {
      return text;
    }
    Matcher matcher = regex.matcher(text);
    String found = null;
    while (matcher.find() && (found == null || last)) {
      found = firstGroup(matcher);
    }
    return found == null ? INVALID : found.strip();
  }

  private static String firstGroup(Matcher matcher) {
    if (matcher.groupCount() == 0) {
      return matcher.group();
    }
    for (int i = 1; i <= matcher.groupCount(); i++) {
      String group = matcher.group(i);
      if (group != null && !group.isEmpty()) {
        return group;
      }
    }
    return INVALID;
  }

  private String bare(String text) {
    String rest = text;
    for (Pattern pattern : ignore) {
      rest = pattern.matcher(rest).replaceAll("");
    }
    return rest.toLowerCase(Locale.ROOT);
  }
}
